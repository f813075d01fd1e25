-- SPDX-License-Identifier: ISC
--
-- Block events: a provider, or a blocklist that it asks, refuses an address or
-- domain of ours. Anybody can send reports, so there is a bounded number of
-- them, and none names a recipient.

CREATE TABLE block (
	id INTEGER PRIMARY KEY, -- never given again
	provider TEXT NOT NULL,
	ours TEXT NOT NULL,   -- IP address or domain, or '': the reports do not say
	list TEXT NOT NULL,   -- zone of the blocklist, the same
	what TEXT NOT NULL,   -- the list or, where none is named, the reason
	reason TEXT NOT NULL, -- of the last report, as are url and event
	url TEXT NOT NULL,    -- where to ask for removal, or ''
	first INTEGER NOT NULL,
	last INTEGER NOT NULL,
	reports INTEGER NOT NULL,
	until INTEGER NOT NULL, -- when it closes by itself
	event INTEGER NOT NULL, -- its serial; the event may be gone
	closed INTEGER NOT NULL, -- when, or 0: open
	how TEXT NOT NULL CHECK (how IN ('', 'time', 'delivery', 'hand')),
	who TEXT NOT NULL,
	note TEXT NOT NULL,
	change INTEGER NOT NULL UNIQUE -- the number at which it opened or closed
) STRICT;
CREATE INDEX block_by_what ON block (provider, ours, what, id);
CREATE INDEX block_by_end ON block (until) WHERE closed = 0;

-- Domains of recipients that an event was reported of: a delivery to one of
-- them closes it.
CREATE TABLE block_domain (
	domain TEXT NOT NULL,
	block INTEGER NOT NULL REFERENCES block ON DELETE CASCADE,
	PRIMARY KEY (domain, block)
) STRICT, WITHOUT ROWID;
CREATE INDEX block_domain_by_block ON block_domain (block);

-- The number of the last change, and how many there are.
CREATE TABLE block_total (
	change INTEGER NOT NULL,
	open INTEGER NOT NULL,
	closed INTEGER NOT NULL
) STRICT;
INSERT INTO block_total VALUES (0, 0, 0);

PRAGMA user_version = 6;
