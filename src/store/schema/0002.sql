-- SPDX-License-Identifier: ISC
--
-- Messages that led to no event, which anybody can send in any number: how many
-- of a day have a row in message, and how many more were only counted.

CREATE TABLE eventless (
	day INTEGER PRIMARY KEY, -- since 1970, UTC
	recorded INTEGER NOT NULL,
	left_out INTEGER NOT NULL
) STRICT;

PRAGMA user_version = 2;
