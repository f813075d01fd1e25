# SPDX-License-Identifier: ISC
"""For the tests here to import: a daemon that is asked by HTTP, and a client
that sends octets as they are given and reads answers as RFC 9112 frames them.
"""
import json
import random
import socket
import subprocess

import daemon


def free_port():
    """That nobody listens on, below those that the kernel gives to clients."""
    while True:
        port = random.randrange(10000, 32000)
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Server(daemon.Daemon):
    """Everything is allowed on a unix socket, and who has a token on TCP."""

    def __init__(self, directory, extra=""):
        self.port, self.secret, files = free_port(), {}, []
        for scope in ("read", "write", "admin"):
            path = directory / f"{scope}.token"
            self.secret[scope] = subprocess.run(
                [daemon.NIXIE, "token-file", "new", "--scope", scope,
                 f"the-{scope}-one", path], check=True, text=True,
                stdout=subprocess.PIPE).stdout.strip()
            files.append(str(path))
        super().__init__(
            directory, f"http:\n  - listen: unix:{directory}/http.sock\n"
            f"  - listen: 127.0.0.1:{self.port}\n"
            f"    tokens: [{', '.join(files)}]\n{extra}")

    def connect(self, by_tcp=False):
        if by_tcp:
            return socket.create_connection(("127.0.0.1", self.port), 20)
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(f"{self.directory}/http.sock")  # waits its turn
        sock.settimeout(20)
        return sock

    def talk(self, octets, by_tcp=False, ends=False):
        """All that is answered until the server closes; ends: we say that
        nothing more comes."""
        with self.connect(by_tcp) as sock:
            try:
                sock.sendall(octets)
                if ends:
                    sock.shutdown(socket.SHUT_WR)
            except OSError:  # it closed before it had read all
                pass
            return answers_in(rest_of(sock))

    def ask(self, method, target, body=None, headers=(), token=None):
        """One request by itself."""
        if token is not None:
            headers = (*headers, f"Authorization: Bearer {token}")
        return self.talk(request(method, target, body, (
            *headers, "Connection: close")), by_tcp=token is not None)[0]

    def resident_kib(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int([line.split()[1] for line in status
                        if line.startswith("VmRSS")][0])


def request(method, target, body=None, headers=()):
    """As octets; body is those of JSON, or what becomes JSON."""
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", *headers]
    if body is not None:
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        lines += ["Content-Type: application/json",
                  f"Content-Length: {len(body)}"]
    head = "\r\n".join([*lines, "", ""])
    return head.encode("latin-1") + (body or b"")


def rest_of(sock):
    rest = b""
    try:
        while more := sock.recv(65536):
            rest += more
    except TimeoutError:
        rest += b"nothing more came, and the connection is open"
    except OSError:  # it had not read all that was sent
        pass
    return rest


def answers_in(octets):
    """One after the other; what is none has the status 0."""
    found = []
    while octets:
        head, end, rest = octets.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        words = lines[0].split(" ")
        if not end or not words[0].startswith("HTTP/1.") or len(words) < 2:
            found.append(Answer(0, {}, octets))
            break
        headers = {name.lower(): value.strip() for name, _, value in
                   (line.partition(":") for line in lines[1:])}
        status = int(words[1])
        size = int(headers.get("content-length", 0))
        if status != 100 and headers.get("connection") == "close":
            size = len(rest)
        if status != 100:
            found.append(Answer(status, headers, rest[:size]))
            rest = rest[size:]
        octets = rest
    return found
