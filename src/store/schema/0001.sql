-- SPDX-License-Identifier: ISC
--
-- What nixie remembers. Times are UTC seconds, spans seconds; enumerations are
-- kept by name; absent text is ''. r is the key of a recipient: the first 96
-- bits of a keyed hash of its address in normal form.

PRAGMA application_id = 0x6e697869; -- "nixi"

CREATE TABLE secret (
	name TEXT NOT NULL PRIMARY KEY, -- 'recipient': the key that makes r
	bytes BLOB NOT NULL CHECK (length(bytes) = 32)
) STRICT, WITHOUT ROWID;

CREATE TABLE recipient (
	r BLOB NOT NULL PRIMARY KEY CHECK (length(r) = 12),
	address TEXT NOT NULL CHECK (address <> '')
) STRICT, WITHOUT ROWID;

-- Every message that was handed in, also those that led to nothing.
CREATE TABLE message (
	digest BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
	time INTEGER NOT NULL,
	source TEXT NOT NULL,
	kind TEXT NOT NULL,
	format TEXT NOT NULL,
	feedback_type TEXT NOT NULL,
	sender TEXT NOT NULL,
	recipient TEXT NOT NULL,
	cause TEXT NOT NULL -- why it could not be read
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
	serial INTEGER PRIMARY KEY,
	scope TEXT NOT NULL,
	r BLOB NOT NULL REFERENCES recipient,
	id BLOB NOT NULL CHECK (length(id) = 16),
	message BLOB NOT NULL REFERENCES message,
	time INTEGER NOT NULL,
	class TEXT NOT NULL,
	reason TEXT NOT NULL,
	fault TEXT NOT NULL,
	advice TEXT NOT NULL,
	rule TEXT NOT NULL,
	basis TEXT NOT NULL,
	matched TEXT NOT NULL,
	trust TEXT NOT NULL,
	kind TEXT NOT NULL,
	action TEXT NOT NULL,
	status TEXT NOT NULL,
	reply INTEGER NOT NULL,
	diagnostic TEXT NOT NULL,
	remote_mta TEXT NOT NULL,
	reporting_mta TEXT NOT NULL,
	message_id TEXT NOT NULL,
	list_id TEXT NOT NULL,
	incidents INTEGER NOT NULL,
	UNIQUE (scope, r, id)
) STRICT;
CREATE INDEX event_by_time ON event (time);

CREATE TABLE standing (
	scope TEXT NOT NULL,
	r BLOB NOT NULL REFERENCES recipient,
	cause TEXT NOT NULL, -- '': no lease yet
	reason TEXT NOT NULL,
	since INTEGER NOT NULL,
	until INTEGER NOT NULL, -- 9223372036854775807: forever
	rung INTEGER NOT NULL,
	climbed INTEGER NOT NULL,
	-- times, newest first, a blank between; those that wait for confirmation
	-- stand behind the others, each with a ? before it
	strikes TEXT NOT NULL,
	PRIMARY KEY (scope, r)
) STRICT, WITHOUT ROWID;

-- Attempts that were refused. scope is that of the lease, asked what was asked
-- for; cause to rung are the standing after the attempt.
CREATE TABLE attempt (
	serial INTEGER PRIMARY KEY,
	scope TEXT NOT NULL,
	r BLOB NOT NULL REFERENCES recipient,
	asked TEXT NOT NULL,
	time INTEGER NOT NULL,
	cause TEXT NOT NULL,
	reason TEXT NOT NULL,
	since INTEGER NOT NULL,
	until INTEGER NOT NULL,
	rung INTEGER NOT NULL
) STRICT;
CREATE INDEX attempt_by_subject ON attempt (scope, r);
CREATE INDEX attempt_by_time ON attempt (time);

-- What was done by hand.
CREATE TABLE act (
	serial INTEGER PRIMARY KEY,
	scope TEXT NOT NULL,
	r BLOB NOT NULL REFERENCES recipient,
	time INTEGER NOT NULL,
	what TEXT NOT NULL CHECK (what IN ('suppress', 'release')),
	cause TEXT NOT NULL,
	reason TEXT NOT NULL,
	who TEXT NOT NULL,
	note TEXT NOT NULL
) STRICT;
CREATE INDEX act_by_subject ON act (scope, r);

PRAGMA user_version = 1;
