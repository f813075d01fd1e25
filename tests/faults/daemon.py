# SPDX-License-Identifier: ISC
"""For the tests here to import: nixie serve in a directory of its own, a
client that speaks LMTP as an MTA does, and a look into the store.

NIXIE is the program under test, RULES its rules.
"""
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
NIXIE = os.environ.get("NIXIE", str(TOP / "build/dev/nixie"))
RULES = os.environ.get("RULES", str(TOP / "rules"))
START = 60  # seconds that a start may take on a busy machine
MISSING = 77  # the status of a test that the machine forbids


def bounce(address, ident):
    """An RFC 3464 report that address is gone."""
    return f"""From: MAILER-DAEMON@mx.example.net
To: bounces@example.org
Subject: Undelivered Mail Returned to Sender
Message-ID: <report-{ident}@mx.example.net>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"

--=_b
Content-Type: text/plain

<{address}>: 550 5.1.1 User unknown

--=_b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {address}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--=_b
Content-Type: text/rfc822-headers

From: News <news@example.org>
To: {address}
Message-ID: <news-{ident}@example.org>

--=_b--
"""


def ordinary(ident):
    """Mail between people, which says ident in its subject."""
    return (f"From: ann@example.com\nTo: ben@example.org\n"
            f"Subject: Lunch {ident}\n"
            f"Message-ID: <lunch-{ident}@example.com>\n\nAt one?\n")


class Daemon:
    """nixie serve, ready when started."""

    def __init__(self, directory, extra="", rules=RULES, store=None):
        self.directory = pathlib.Path(directory)
        self.store = pathlib.Path(store or self.directory / "store")
        self.socket = str(self.directory / "lmtp.sock")
        self.config = self.directory / "nixie.yaml"
        self.config.write_text(
            f"store: {self.store}\nrules: {rules}\nworkers: 2\n"
            f"status: {self.directory}/status.sock\n"
            f"lmtp:\n  - listen: unix:{self.socket}\n{extra}")
        self.log = self.directory / "log"
        self.process = None

    def start(self, wrapper=()):
        path = str(self.directory / "notify.sock")
        if os.path.exists(path):
            os.unlink(path)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(path)
            notify.settimeout(0.2)
            with open(self.log, "ab") as log:
                self.process = subprocess.Popen(
                    [*wrapper, NIXIE, "serve", "--config", str(self.config)],
                    stderr=log, env={**os.environ, "NOTIFY_SOCKET": path})
            return self._await_ready(notify)

    def _await_ready(self, notify):
        end = time.monotonic() + START
        while time.monotonic() < end:
            try:
                if b"READY=1" in notify.recv(4096):
                    return True
            except TimeoutError:
                if self.process.poll() is not None:
                    return False
        sys.exit("nixie serve does not start: " + self.log.read_text()[-2000:])

    def send_signal(self, number):
        self.process.send_signal(number)

    def stop(self, within=35):
        """Ends it; its status and how long that took."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(within)
        return status, time.monotonic() - begun

    def kill(self):
        self.process.kill()
        self.process.wait()

    def status(self):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(str(self.directory / "status.sock"))
            with sock.makefile() as answer:
                return json.loads(answer.read())

    def family(self):
        """Its processes that are not it: number to name."""
        parents, names = {}, {}
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2]
                names[int(entry.name)] = (entry / "comm").read_text().strip()
            except OSError:
                continue
            parents[int(entry.name)] = int(fields.split()[1])
        found, level = {}, {self.process.pid}
        while level:
            level = {pid for pid, parent in parents.items() if parent in level}
            found.update((pid, names[pid]) for pid in level)
        return found


class Gone(Exception):
    """The connection ended, or said 421."""


class Client:
    """One session; every reply is a (code, text)."""

    def __init__(self, path, timeout=30):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(timeout)
        try:
            self.sock.connect(path)
        except OSError as error:
            self.sock.close()
            raise Gone(str(error)) from error
        self.input = self.sock.makefile("rb")
        self.expect(220)
        self.command("LHLO client.example.net", 250)

    def close(self):
        self.input.close()
        self.sock.close()

    def reply(self):
        try:
            while True:
                line = self.input.readline()
                if not line.endswith(b"\r\n"):
                    raise Gone("no whole reply")
                if line[3:4] != b"-":
                    break
        except OSError as error:
            raise Gone(str(error)) from error
        code = int(line[:3])
        if code == 421:
            raise Gone(line.decode())
        return code, line[4:].decode().strip()

    def expect(self, wanted):
        code, text = self.reply()
        if code != wanted:
            raise Gone(f"{code} {text}")

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError as error:
            raise Gone(str(error)) from error

    def command(self, line, wanted):
        self.send(line.encode() + b"\r\n")
        self.expect(wanted)

    def deliver(self, text, recipients=("bounces@example.org",)):
        """The codes, one a recipient."""
        self.command("MAIL FROM:<>", 250)
        for recipient in recipients:
            self.command(f"RCPT TO:<{recipient}>", 250)
        self.command("DATA", 354)
        lines = text.split("\n")
        data = "\r\n".join("." + line if line.startswith(".") else line
                           for line in lines)
        self.send(data.encode() + b".\r\n")
        return [self.reply()[0] for _ in recipients]


class Sender(threading.Thread):
    """Keeps every message until it was answered with 250, as an MTA does."""

    def __init__(self, path, messages):
        super().__init__()
        self.path, self.messages = path, list(messages)
        self.acknowledged, self.deferred, self.refused = [], 0, []
        self.stopping = threading.Event()

    def run(self):
        client = None
        while self.messages and not self.stopping.is_set():
            try:
                client = client or Client(self.path)
                ident, text = self.messages[0]
                code = client.deliver(text)[0]
                if code == 250:
                    self.acknowledged.append(ident)
                    self.messages.pop(0)
                elif code >= 500:
                    self.refused.append((ident, code))
                    self.messages.pop(0)
                else:
                    self.deferred += 1
            except Gone:
                if client is not None:
                    client.close()
                client = None
                self.stopping.wait(0.01)
        if client is not None:
            client.close()


class Tracer:
    """strace on a process and its threads, attached when this returns."""

    def __init__(self, pid, *options):
        self.output = tempfile.NamedTemporaryFile()
        self.tasks = pathlib.Path(f"/proc/{pid}/task")
        self.process = subprocess.Popen(
            ["strace", "-f", "-p", str(pid), "-o", self.output.name,
             *options], stderr=subprocess.PIPE)
        while b"attached" not in self.process.stderr.readline():
            if self.process.poll() is not None:
                sys.exit("strace does not attach")

    def waits_for_nobody(self):
        """All threads are dead, and nobody but strace keeps them."""
        try:
            states = [(task / "stat").read_text().rpartition(")")[2].split()[0]
                      for task in self.tasks.iterdir()]
        except OSError:
            return False  # one goes just now
        return set(states) == {"Z"}

    def end(self):
        """What it saw."""
        self.process.terminate()
        end = time.monotonic() + 5
        while self.process.poll() is None:
            if self.waits_for_nobody() or time.monotonic() > end:
                self.process.kill()  # it wrote what there was
                self.process.wait()
            time.sleep(0.002)
        self.process.stderr.close()
        with open(self.output.name, encoding="latin-1") as text:
            return text.read()


def stored(store):
    """How often each address has an event; fails when the store is damaged."""
    with contextlib.closing(sqlite3.connect(
            f"file:{store}/nixie.db?mode=ro", uri=True)) as base:
        (sound,) = base.execute("PRAGMA integrity_check").fetchone()
        if sound != "ok":
            sys.exit(f"{store}: {sound}")
        rows = base.execute("SELECT address, count(*) FROM event "
                            "JOIN recipient USING (r) GROUP BY address")
        return dict(rows.fetchall())


def without_original(store):
    """How many messages led to an event and are not kept."""
    with contextlib.closing(sqlite3.connect(
            f"file:{store}/nixie.db?mode=ro", uri=True)) as base:
        return base.execute(
            "SELECT count(DISTINCT message) FROM event WHERE message NOT IN "
            "(SELECT digest FROM original)").fetchone()[0]


def messages_of(store):
    with contextlib.closing(sqlite3.connect(
            f"file:{store}/nixie.db?mode=ro", uri=True)) as base:
        return base.execute("SELECT count(*) FROM message").fetchone()[0]


def quarantine(store):
    """What is kept there: an object each, as it is listed."""
    lines = subprocess.run(
        [NIXIE, "quarantine", "list", "--json", "--store", str(store)],
        capture_output=True, text=True, check=True).stdout.splitlines()
    return [json.loads(line) for line in lines]


def letter(store, entry):
    """The text of a message there, as it is shown, without the headers that
    are made of its envelope; the ends of its lines are as in a file."""
    shown = subprocess.run(
        [NIXIE, "quarantine", "show", entry["id"], "--store", str(store)],
        capture_output=True, text=True, check=True).stdout
    text = shown.partition("\n\n")[2].replace("\\x0D\n", "\n")
    return re.sub(r"\A((Return-Path|Delivered-To|X-Original-To): .*\n)+", "",
                  text)


def kept(store):
    """The ordinary mail there, each by its ident."""
    return {entry["subject"].removeprefix("Lunch ")
            for entry in quarantine(store)
            if entry["subject"].startswith("Lunch ")}


# In a chroot / is no mount point, and only a mount point can be made private.
# So all of it is mounted again, on one that can, and becomes the root: what is
# mounted from then on is seen by nobody else, whatever / is to the outside.
PRIVATE = """
mount --make-rprivate / 2>/dev/null && exec "$@"
mount --make-private /proc && mount --rbind / /proc &&
mount --make-rprivate /proc && exec chroot /proc "$@"
"""


def missing(sentence):
    """Ends the test, as the machine forbids what it takes."""
    print(f"missing: {sentence}", file=sys.stderr)
    sys.exit(MISSING)


def enter_namespace():
    """Mounts of the test are seen by nobody else: runs it again, inside."""
    inside = "NIXIE_TEST_NAMESPACE"
    if os.environ.get(inside):
        return
    os.environ[inside] = "1"
    how = ["unshare", *([] if os.geteuid() == 0 else ["--map-root-user"]),
           "--mount", "--propagation", "unchanged", "sh", "-c", PRIVATE, "sh"]
    tried = subprocess.run([*how, "true"], capture_output=True, text=True)
    if tried.returncode:
        why = " ".join(tried.stderr.split())
        missing(f"this machine forbids namespaces for mounts ({why})")
    os.execvp(how[0], [*how, sys.executable, os.path.abspath(sys.argv[0]),
                       *sys.argv[1:]])


def mount(*words):
    """Whatever was mounted before nixie ran is the machine's to allow."""
    tried = subprocess.run(["mount", *words], capture_output=True, text=True)
    if tried.returncode:
        why = " ".join(tried.stderr.split())
        missing(f"this machine forbids what a test mounts ({why})")


def place(in_memory=False):
    """A directory for a test; short, as socket paths are. In memory, where
    there is such a file system, when no disk is to be waited for."""
    memory = in_memory and os.access("/dev/shm", os.W_OK)
    path = tempfile.mkdtemp(prefix="nixie.",
                            dir="/dev/shm" if memory else None)
    return pathlib.Path(path)


def remove(path):
    shutil.rmtree(path, ignore_errors=True)


def finish(name, failures, **numbers):
    """Says it in JSON and ends."""
    print(json.dumps({"test": name, **numbers, "failures": failures}))
    sys.exit(1 if failures else 0)
