-- SPDX-License-Identifier: ISC
--
-- What a message was that led to an event, as it came, for a time; and what the
-- mail log calls it. The total is kept so that nobody has to count.

CREATE TABLE original (
	serial INTEGER PRIMARY KEY, -- the oldest has the lowest
	digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32), -- of the message
	time INTEGER NOT NULL,
	sender TEXT, -- NULL: not known
	recipient TEXT NOT NULL,
	original_recipient TEXT NOT NULL,
	queue_id TEXT NOT NULL,
	whole INTEGER NOT NULL, -- octets of the message
	size INTEGER NOT NULL,  -- of bytes when unpacked
	bytes BLOB NOT NULL     -- packed by zstd
) STRICT;

CREATE TABLE original_total (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	messages INTEGER NOT NULL,
	bytes INTEGER NOT NULL -- packed
) STRICT;
INSERT INTO original_total VALUES (1, 0, 0);

ALTER TABLE message ADD COLUMN queue_id TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN written INTEGER NOT NULL DEFAULT 0; -- its date

PRAGMA user_version = 5;
