-- SPDX-License-Identifier: ISC
--
-- Of an attempt: who sent the mail, its queue id, and where it was asked. All
-- were asked by nixie check so far.

ALTER TABLE attempt ADD COLUMN sender TEXT NOT NULL DEFAULT '';
ALTER TABLE attempt ADD COLUMN queue_id TEXT NOT NULL DEFAULT '';
ALTER TABLE attempt ADD COLUMN source TEXT NOT NULL DEFAULT 'check';

PRAGMA user_version = 8;
