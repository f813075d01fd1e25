# SPDX-License-Identifier: ISC
"""For the tests here to import: stores with a past, what is in them, and mail
that is kept in quarantine for one reason or the other."""
import contextlib
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import time

import daemon

# Leaks cannot be looked for while strace is there.
ENVIRONMENT = {**os.environ, "ASAN_OPTIONS": ":".join(
    [os.environ.get("ASAN_OPTIONS", ""), "detect_leaks=0"])}

SCHEMAS = sorted((daemon.TOP / "src/store/schema").glob("*.sql"))

# What schema 1 holds of a bounce; the key of its recipients is all zeros.
PAST = """
INSERT INTO secret VALUES ('recipient', zeroblob(32));
INSERT INTO recipient VALUES (x'bbf85341b34f687520e56b23', 'a@example.org');
INSERT INTO message VALUES (zeroblob(32), 1767225600, 'deliver',
    'delivery-report', 'rfc3464', '', '', '', '');
INSERT INTO event VALUES (1, '', x'bbf85341b34f687520e56b23', zeroblob(16),
    zeroblob(32), 1767225600, 'hard', 'unknown-user', 'recipient', 'never',
    'status/5.1.1', 'status', '5.1.1', 'claimed', 'delivery-report', 'failed',
    '5.1.1', 550, '', '', '', '', '', 1);
INSERT INTO standing VALUES ('', x'bbf85341b34f687520e56b23', 'hard',
    'unknown-user', 1767225600, 1767312000, 0, 1767225600, '');
"""

TRIES = 500  # until a signal hits a worker in the middle of a message

# A site rule for what nobody understood when it came.
RIDDLE = r"""
format: riddle
rank: 30
when:
  - first: '^Hear my riddle:$'
recipient:
  - '^What has (?<address>\S+@\S+) become\?$'
samples:
""" + "".join(f"""  - from: MAILER-DAEMON@mx.example.net
    subject: A riddle
    body: |
      Hear my riddle:
      What has {name}@example.net become?
    expect:
      - {{ address: {name}@example.net, action: failed }}
""" for name in ("edda", "falk"))


# It takes an unknown user for somebody else's fault.
HASTY = """
rules:
  - id: site/hasty
    when: { text: 'user unknown' }
    reason: spam-content
    examples: ['550 5.1.1 User unknown']
"""


def riddle(address, ident):
    """What only the site rule understands."""
    return (f"From: MAILER-DAEMON@mx.example.net\nTo: bounces@example.org\n"
            f"Subject: A riddle {ident}\n"
            f"Message-ID: <riddle-{ident}@mx.example.net>\n\n"
            f"Hear my riddle:\nWhat has {address} become?\n")


def nameless(ident):
    """A report that does not say of whom."""
    return daemon.bounce("jan smits@@example", ident).replace(
        "Subject: ", f"Subject: {ident} ", 1)


def complaint(ident):
    """Somebody pressed the button, and it was hidden who."""
    return f"""From: feedback@example.net
To: abuse@example.org
Subject: FW: {ident}
Message-ID: <complaint-{ident}@example.net>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="=_c"

--=_c
Content-Type: text/plain

This is an email abuse report.

--=_c
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Example/1.0
Version: 1

--=_c
Content-Type: message/rfc822

From: News <news@example.org>
To: undisclosed
Subject: The news of today
Message-ID: <news-{ident}@example.org>

Nothing new.

--=_c--
"""


def killer(victim):
    """A report that takes some milliseconds to read."""
    fields = "".join(f"X-Field-{number}: {'x ' * 2000}\n"
                     for number in range(180))
    return fields + daemon.bounce(victim, victim)


def workers(server):
    """Those of its processes that shut themselves in."""
    found = set()
    for pid in server.family():
        try:
            status = pathlib.Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue
        if "Seccomp:\t2" in status:
            found.add(pid)
    return found


def shoot(server, client, text, wait):
    """The workers crash a moment after they were given it; the codes."""
    there = workers(server)
    client.command("MAIL FROM:<>", 250)
    client.command("RCPT TO:<bounces@example.org>", 250)
    client.command("DATA", 354)
    client.send(text.replace("\n", "\r\n").encode() + b".\r\n")
    time.sleep(wait)
    for pid in there:
        try:
            os.kill(pid, signal.SIGSEGV)
        except ProcessLookupError:
            pass
    return client.reply()[0]


def crash_a_worker(server):
    """Its message is the first that a worker was hit in: whom that is about,
    how long the answer took, and all answers until then."""
    client = daemon.Client(server.socket)
    codes = []
    for turn in range(TRIES):
        victim = f"victim{turn}@example.com"
        begun = time.monotonic()
        codes.append(shoot(server, client, killer(victim),
                           turn % 20 * 0.001))
        took = time.monotonic() - begun
        if server.status()["unparsed"] == 1:
            client.close()
            return victim, took, codes
    sys.exit("no worker was hit in the middle of a message")


class State:
    """What a store remembers; it is looked at in a copy, so that it is left
    as it is to whoever opens it next."""

    def __init__(self, store):
        self.soundness = "ok"
        self.subjects, self.messages, self.eventful = {}, set(), set()
        self.kept = set()
        if not (store / "nixie.db").exists():
            return
        look = copy(store, store.with_name("look"))
        with contextlib.closing(sqlite3.connect(look / "nixie.db")) as base:
            (self.soundness,) = base.execute(
                "PRAGMA integrity_check").fetchone()
            (schema,) = base.execute("PRAGMA user_version").fetchone()
        if schema == 0:
            return
        # an older nixie's is taken over
        if schema < len(SCHEMAS) or (look / "quarantine").exists():
            nixie(look, "release", "nobody@example.net", "--rules",
                  daemon.RULES)
        with contextlib.closing(sqlite3.connect(look / "nixie.db")) as base:
            self._read(base)
        if self.messages:
            self.kept = {entry["id"] for entry in daemon.quarantine(look)}

    def _read(self, base):
        events, standings = {}, {}
        for address, *rest in base.execute(
                "SELECT address, hex(message), time, class, reason, kind "
                "FROM event JOIN recipient USING (r) ORDER BY serial"):
            events.setdefault(address, []).append(tuple(rest))
            self.eventful.add(rest[0].lower())
        for address, *rest in base.execute(
                "SELECT address, reach, name, cause, reason, since, until,"
                " rung, climbed, bounced_until, strikes FROM standing"
                " JOIN recipient USING (r) JOIN mail ON mail.id = mail"
                " JOIN why ON why.id = why ORDER BY mail"):
            standings.setdefault(address, []).append(tuple(rest))
        self.subjects = {address: (events.get(address, []),
                                   standings.get(address))
                         for address in events.keys() | standings.keys()}
        self.messages = {digest.lower() for (digest,) in base.execute(
            "SELECT hex(digest) FROM message")}


def nixie(store, *words, text="", wrapper=()):
    """As it ended."""
    return subprocess.run(
        [*wrapper, daemon.NIXIE, *words, "--store", str(store)], input=text,
        capture_output=True, text=True, env=ENVIRONMENT, check=False,
        errors="replace")


class Site:
    """A directory with two configurations, before and after the site learnt
    the riddle, and stores that were made before."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        formats = self.directory / "site/formats"
        formats.mkdir(parents=True)
        (formats / "riddle.yaml").write_text(RIDDLE)
        (self.directory / "hasty").mkdir()
        (self.directory / "hasty/own.yaml").write_text(HASTY)
        for name, rules in (("before", ""),
                            ("after", f"site_rules: {directory}/site\n"),
                            ("hasty", f"site_rules: {directory}/hasty\n")):
            (self.directory / f"{name}.yaml").write_text(
                f"rules: {daemon.RULES}\nworkers: 1\n{rules}")

    def run(self, store, config, *words, text=""):
        """As it ended, which must be well."""
        done = self.attempt(store, config, *words, text=text)
        if done.returncode not in (0, 1):
            raise RuntimeError(f"{words}: {done.returncode}, {done.stdout}"
                               f"{done.stderr}")
        return done

    def attempt(self, store, config, *words, text="", wrapper=()):
        return nixie(store, *words, "--config",
                     str(self.directory / f"{config}.yaml"), text=text,
                     wrapper=wrapper)


def maildir(path, letters):
    for name in ("cur", "new", "tmp"):
        (path / name).mkdir(parents=True)
    for number, text in enumerate(letters):
        (path / "new" / f"{number:04}").write_text(text)
    return path


def copy(template, place):
    daemon.remove(place)
    shutil.copytree(template, place)
    return place


def older(directory):
    """A store of a nixie that kept the quarantine in a folder."""
    with tarfile.open(daemon.TOP / "tests/cli/store-2.tar.gz") as archive:
        archive.extractall(directory)
    return directory / "store-2"


def of_schema(directory, number):
    """A store of that schema, which an older nixie has left."""
    store = directory / f"schema-{number}"
    store.mkdir(mode=0o700)
    with contextlib.closing(sqlite3.connect(store / "nixie.db",
                                            isolation_level=None)) as base:
        base.execute("PRAGMA journal_mode=WAL")
        base.create_function("key_of", 1, lambda r: int.from_bytes(
            r[:8], "big", signed=True))
        for at, path in enumerate(SCHEMAS[:number]):
            base.executescript(path.read_text())
            if at == 0:
                base.executescript(PAST)
    os.chmod(store / "nixie.db", 0o600)
    return store


def lived(site, past):
    """A store that was closed well, with past bounces, and some mail that was
    kept."""
    store = site.directory / "lived"
    store.mkdir(mode=0o700)
    mail = maildir(site.directory / "past", [
        daemon.bounce(f"past{n}@example.com", f"past{n}")
        for n in range(past)])
    site.run(store, "before", "ingest", str(mail))
    for text in (riddle("one@example.com", "1"), daemon.ordinary("past"),
                 riddle("two@example.com", "2"), nameless("past"),
                 complaint("past")):
        site.run(store, "before", "deliver", "-f", "", "-r",
                 "bounces@example.org", text=text)
    return store


def crashed(directory, letters, template=None, name="crashed", then=None):
    """A new store, or one after a template, of a daemon that took these, and
    was killed before it put anything in order: some of it is in the WAL only.
    Then more may be done to the daemon."""
    directory.mkdir(exist_ok=True)
    store = directory / name
    if template is not None:
        copy(template, store)
    server = daemon.Daemon(directory, store=store)
    server.start()
    client = daemon.Client(server.socket)
    codes = [client.deliver(text)[0] for text in letters]
    if then is not None:
        then(server)
    server.kill()
    client.close()
    if set(codes) - {250}:
        raise RuntimeError(f"a store was to be made: {codes}")
    return store
