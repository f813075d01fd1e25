-- SPDX-License-Identifier: ISC
--
-- Messages that nobody understood, or not wholly: the beginning of each, and
-- what is known of its envelope. Ordinary mail has limits of its own, so that it
-- never displaces a report; the totals are kept so that nobody has to count.

CREATE TABLE quarantine (
	serial INTEGER PRIMARY KEY, -- the oldest has the lowest
	digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
	time INTEGER NOT NULL,
	why TEXT NOT NULL,
	ordinary INTEGER NOT NULL CHECK (ordinary IN (0, 1)),
	sender TEXT, -- NULL: not known
	recipient TEXT NOT NULL,
	original_recipient TEXT NOT NULL,
	queue_id TEXT NOT NULL,
	size INTEGER NOT NULL, -- of the whole message
	kept INTEGER NOT NULL, -- of bytes
	bytes BLOB NOT NULL
) STRICT;
CREATE INDEX quarantine_by_group ON quarantine (ordinary);

CREATE TABLE quarantine_total (
	ordinary INTEGER NOT NULL PRIMARY KEY,
	messages INTEGER NOT NULL,
	bytes INTEGER NOT NULL -- kept
) STRICT;
INSERT INTO quarantine_total VALUES (0, 0, 0), (1, 0, 0);

-- Messages recorded before this schema have digests of another kind: what is
-- new must not be one of them.
CREATE TABLE older_digests (since_schema INTEGER NOT NULL) STRICT;
INSERT INTO older_digests SELECT 1 WHERE EXISTS (SELECT 1 FROM message);

PRAGMA user_version = 3;
