-- SPDX-License-Identifier: ISC
--
-- One row for what is remembered of an address, or of a whole domain, for one
-- kind of mail: key (r, mail), so that all of an address is one range. r is the
-- first 64 bits of the keyed hash, of a domain that of "@domain". Addresses and
-- notes stand apart. What an older nixie cut at 96 bits is cut to 64.

ALTER TABLE recipient RENAME TO old_recipient;
ALTER TABLE event RENAME TO old_event;
ALTER TABLE standing RENAME TO old_standing;
ALTER TABLE attempt RENAME TO old_attempt;
ALTER TABLE act RENAME TO old_act;
DROP INDEX event_by_time;
DROP INDEX attempt_by_subject;
DROP INDEX attempt_by_time;
DROP INDEX act_by_subject;

CREATE TABLE recipient (
	r INTEGER PRIMARY KEY,
	address TEXT NOT NULL CHECK (address <> '')
) STRICT;
INSERT INTO recipient SELECT key_of(r), address FROM old_recipient
	ORDER BY key_of(r);

-- The mail that a standing holds for: all; all bulk mail; the bulk mail of a
-- sending domain; one stream.
CREATE TABLE mail (
	id INTEGER PRIMARY KEY,
	reach TEXT NOT NULL CHECK (reach IN ('all', 'bulk', 'domain', 'stream')),
	name TEXT NOT NULL, -- of the domain, of the stream
	hand INTEGER NOT NULL CHECK (hand IN (0, 1)), -- what was done by hand
	UNIQUE (reach, name, hand)
) STRICT;
INSERT INTO mail VALUES (0, 'all', '', 0), (1, 'bulk', '', 0),
	(2, 'all', '', 1);
INSERT INTO mail (reach, name, hand)
	SELECT DISTINCT 'stream', scope, 1 FROM old_standing
	WHERE scope <> '' AND cause = 'manual';
INSERT INTO mail (reach, name, hand)
	SELECT DISTINCT 'stream', scope, 0 FROM (SELECT scope FROM old_standing
		UNION SELECT scope FROM old_attempt UNION SELECT scope FROM old_act)
	WHERE scope <> '';

-- What standings rest on.
CREATE TABLE why (
	id INTEGER PRIMARY KEY,
	cause TEXT NOT NULL, -- '': no lease yet
	reason TEXT NOT NULL,
	UNIQUE (cause, reason)
) STRICT;
INSERT INTO why (cause, reason)
	SELECT DISTINCT cause, reason FROM old_standing;

-- Who writes here, and the number of the last commit of each that changed a
-- standing: with the number on every standing nobody who follows the changes
-- misses one that was committed late.
CREATE TABLE writer (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	number INTEGER NOT NULL
) STRICT;
INSERT INTO writer VALUES (1, lower(hex(randomblob(8))), 1);

-- What was done by hand; one act may be for any number of addresses.
CREATE TABLE act (
	serial INTEGER PRIMARY KEY,
	time INTEGER NOT NULL,
	what TEXT NOT NULL,
	mail INTEGER NOT NULL REFERENCES mail,
	cause TEXT NOT NULL,
	reason TEXT NOT NULL,
	who TEXT NOT NULL,
	note TEXT NOT NULL,
	r INTEGER, -- the only address, or NULL: those whose standing names it
	entries INTEGER NOT NULL,
	ended INTEGER -- release: the act that had made what it ended, or NULL
) STRICT;
INSERT INTO act SELECT serial, time, what,
	CASE scope WHEN '' THEN 0 ELSE (SELECT id FROM mail
		WHERE reach = 'stream' AND name = scope AND hand = 0) END,
	cause, reason, who, note, key_of(r), 1, NULL FROM old_act;
CREATE INDEX act_by_recipient ON act (r) WHERE r IS NOT NULL;

CREATE TABLE standing (
	r INTEGER NOT NULL REFERENCES recipient,
	mail INTEGER NOT NULL REFERENCES mail,
	why INTEGER NOT NULL REFERENCES why,
	since INTEGER NOT NULL,
	until INTEGER NOT NULL, -- 9223372036854775807: forever
	rung INTEGER NOT NULL,
	climbed INTEGER NOT NULL,
	bounced_until INTEGER, -- the end that the last bounce gave it, or NULL: the
	                       -- same as until
	-- times, newest first, a blank between; those that wait for confirmation
	-- stand behind the others, each with a ? before it; NULL for none
	strikes TEXT,
	evidence INTEGER NOT NULL, -- rank: 0 claimed, 1 authenticated, 2 known,
	                           -- 3 echo, 4 token
	act INTEGER REFERENCES act, -- that made it, or NULL
	writer INTEGER NOT NULL REFERENCES writer,
	number INTEGER NOT NULL, -- of the writer's commit
	PRIMARY KEY (r, mail)
) STRICT, WITHOUT ROWID;
-- What had no scope held for all mail; of unsubscribes and complaints that was
-- too much.
INSERT INTO standing SELECT key_of(r),
	CASE WHEN scope <> '' THEN (SELECT id FROM mail
			WHERE reach = 'stream' AND name = scope
			AND hand = (cause = 'manual'))
		WHEN cause = 'manual' THEN 2
		WHEN cause IN ('complaint', 'unsubscribe') THEN 1 ELSE 0 END,
	(SELECT id FROM why WHERE why.cause = old_standing.cause
		AND why.reason = old_standing.reason),
	since, until, rung, climbed,
	CASE WHEN cause IN ('soft', 'hard') THEN NULL ELSE 0 END,
	nullif(strikes, ''), 0,
	(SELECT max(serial) FROM old_act WHERE old_act.scope = old_standing.scope
		AND old_act.r = old_standing.r AND what = 'suppress'
		AND old_act.cause = old_standing.cause), 1, 1
	FROM old_standing ORDER BY 1, 2;

CREATE TABLE event (
	serial INTEGER PRIMARY KEY,
	r INTEGER NOT NULL REFERENCES recipient,
	id BLOB NOT NULL CHECK (length(id) = 16),
	stream TEXT NOT NULL,         -- of the mail that it is about, or ''
	sending_domain TEXT NOT NULL, -- of the same
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
	UNIQUE (r, id)
) STRICT;
INSERT INTO event SELECT serial, key_of(r), id, scope, '', message, time, class,
	reason, fault, advice, rule, basis, matched, trust, kind, action, status,
	reply, diagnostic, remote_mta, reporting_mta, message_id, list_id,
	incidents FROM old_event;
CREATE INDEX event_by_time ON event (time);

-- Attempts that were refused. asked is the stream to be mailed; mail to rung
-- are the standing that refused, after the attempt.
CREATE TABLE attempt (
	serial INTEGER PRIMARY KEY,
	r INTEGER NOT NULL REFERENCES recipient,
	asked TEXT NOT NULL,
	time INTEGER NOT NULL,
	mail INTEGER NOT NULL REFERENCES mail,
	cause TEXT NOT NULL,
	reason TEXT NOT NULL,
	since INTEGER NOT NULL,
	until INTEGER NOT NULL,
	rung INTEGER NOT NULL
) STRICT;
INSERT INTO attempt SELECT serial, key_of(r), asked, time,
	CASE scope WHEN '' THEN 0 ELSE (SELECT id FROM mail
		WHERE reach = 'stream' AND name = scope AND hand = 0) END,
	cause, reason, since, until, rung FROM old_attempt;
CREATE INDEX attempt_by_recipient ON attempt (r);
CREATE INDEX attempt_by_time ON attempt (time);

-- Bounces that were to make a new hard lease, by the hour (since 1970) in which
-- they came, and by whose they are: a domain of recipients, or the domain of
-- the provider that serves it.
CREATE TABLE failure_hour (
	hour INTEGER NOT NULL,
	domain TEXT NOT NULL,
	failures INTEGER NOT NULL,
	held INTEGER NOT NULL, -- of these
	PRIMARY KEY (hour, domain)
) STRICT, WITHOUT ROWID;

-- Mails that were sent there, where somebody says so.
CREATE TABLE sent_hour (
	hour INTEGER NOT NULL,
	domain TEXT NOT NULL,
	mails INTEGER NOT NULL,
	PRIMARY KEY (hour, domain)
) STRICT, WITHOUT ROWID;

-- Bounces that are held: whether they were the recipient's fault is in doubt,
-- and no standing knows of them. What the step would be made of.
CREATE TABLE held (
	serial INTEGER PRIMARY KEY,
	r INTEGER NOT NULL REFERENCES recipient,
	mail INTEGER NOT NULL REFERENCES mail,
	domain TEXT NOT NULL,   -- of the recipient
	provider TEXT NOT NULL, -- of which there were too many; or the domain
	came INTEGER NOT NULL,
	drops INTEGER NOT NULL, -- when it is forgotten
	time INTEGER NOT NULL,  -- of the event
	class TEXT NOT NULL,
	reason TEXT NOT NULL,
	confirm INTEGER NOT NULL, -- days, or 0
	evidence INTEGER NOT NULL -- as in standing
) STRICT;
CREATE INDEX held_by_recipient ON held (r);
CREATE INDEX held_by_end ON held (drops);

-- What reports that nothing proves took of a day (UTC): counted are rows and
-- octets of events, events without their texts, and messages that were too
-- many.
CREATE TABLE flood (
	day INTEGER PRIMARY KEY, -- since 1970
	rows INTEGER NOT NULL,
	bytes INTEGER NOT NULL,
	cut INTEGER NOT NULL,
	refused INTEGER NOT NULL
) STRICT;
CREATE TABLE flood_host ( -- of the last day that there was one
	host INTEGER PRIMARY KEY, -- made of its name as the key of a recipient
	day INTEGER NOT NULL,
	rows INTEGER NOT NULL,
	bytes INTEGER NOT NULL
) STRICT;

-- The clock as it was last seen; none before the first transaction.
CREATE TABLE clock (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	boot TEXT NOT NULL,      -- id of the system's start, or ''
	uptime INTEGER NOT NULL, -- seconds since then
	wall INTEGER NOT NULL,   -- the time then
	step INTEGER NOT NULL    -- that the wall clock was ahead of it
) STRICT;

DROP TABLE old_event;
DROP TABLE old_standing;
DROP TABLE old_attempt;
DROP TABLE old_act;
DROP TABLE old_recipient;

-- Messages of schema 3 have digests of another kind too, each with a recipient.
INSERT INTO older_digests SELECT 3 WHERE EXISTS (SELECT 1 FROM message);

PRAGMA user_version = 4;
