-- SPDX-License-Identifier: ISC
--
-- Evidence that counts no more, and acts on many addresses that can be taken
-- back: for each standing that such an act changed, what it was before.

-- Until when what is known of an address counts for nothing, for one kind of
-- mail: it was released, or mail was delivered.
CREATE TABLE tombstone (
	r INTEGER NOT NULL REFERENCES recipient,
	mail INTEGER NOT NULL REFERENCES mail,
	time INTEGER NOT NULL,  -- what is older, also when it is read later
	event INTEGER NOT NULL, -- serial: this one and those before it
	also TEXT NOT NULL,     -- beside bounces this class, or ''
	PRIMARY KEY (r, mail)
) STRICT, WITHOUT ROWID;
INSERT INTO tombstone SELECT r, mail, max(time),
	ifnull((SELECT max(serial) FROM event WHERE event.r = act.r AND
		event.time <= act.time), 0),
	CASE WHEN cause IN ('complaint', 'unsubscribe') THEN cause ELSE '' END
	FROM act WHERE what = 'release' AND r IS NOT NULL GROUP BY r, mail;

-- Acts that nixie undo takes back.
CREATE TABLE bulk (
	act INTEGER PRIMARY KEY REFERENCES act,
	undone INTEGER REFERENCES act -- by that one, or NULL
) STRICT;

-- why to made_by are the standing before the act; why NULL: there was none.
-- What a bulk suppress makes where nothing was has no row: it names the act.
CREATE TABLE act_standing (
	act INTEGER NOT NULL REFERENCES act,
	r INTEGER NOT NULL REFERENCES recipient,
	mail INTEGER NOT NULL REFERENCES mail,
	why INTEGER REFERENCES why,
	since INTEGER,
	until INTEGER,
	rung INTEGER,
	climbed INTEGER,
	bounced_until INTEGER,
	strikes TEXT,
	evidence INTEGER,
	made_by INTEGER,
	buried INTEGER, -- time to also of the tombstone before, or NULL
	buried_event INTEGER,
	buried_also TEXT,
	number INTEGER, -- of the standing after it, or NULL: it left none
	PRIMARY KEY (act, r, mail)
) STRICT, WITHOUT ROWID;
CREATE INDEX act_standing_by_recipient ON act_standing (r);

-- The verdicts that a replay changed, as they were before.
CREATE TABLE act_verdict (
	act INTEGER NOT NULL REFERENCES act,
	r INTEGER NOT NULL REFERENCES recipient,
	id BLOB NOT NULL, -- of the event
	class TEXT NOT NULL,
	reason TEXT NOT NULL,
	fault TEXT NOT NULL,
	advice TEXT NOT NULL,
	rule TEXT NOT NULL,
	basis TEXT NOT NULL,
	matched TEXT NOT NULL,
	PRIMARY KEY (act, r, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX act_verdict_by_recipient ON act_verdict (r);

PRAGMA user_version = 7;
