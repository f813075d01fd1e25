-- SPDX-License-Identifier: ISC
--
-- Who follows the changes of standings is told what each commit changed, also
-- what is gone; and mails that were sent.

-- For each number of the writer the keys of the standings that its commit
-- changed: r and mail, eight and four bytes each, most significant first. 300
-- are a part, and the last part of a number has fewer. Numbers have no gaps:
-- where one is missing it was too old, or of a nixie that knows no such table,
-- and whoever wants it has to begin again.
CREATE TABLE change (
	number INTEGER NOT NULL,
	part INTEGER NOT NULL,
	time INTEGER NOT NULL,
	keys BLOB NOT NULL CHECK (length(keys) % 12 = 0),
	PRIMARY KEY (number, part)
) STRICT, WITHOUT ROWID;

-- A mail to a recipient, of whom there need be no row; a message is known by
-- its Message-ID, hashed as an address is.
CREATE TABLE sent (
	r INTEGER NOT NULL,
	message INTEGER NOT NULL,
	mail INTEGER NOT NULL REFERENCES mail, -- its stream, or all
	time INTEGER NOT NULL,
	PRIMARY KEY (r, message)
) STRICT, WITHOUT ROWID;
CREATE INDEX sent_by_time ON sent (time);

PRAGMA user_version = 9;
