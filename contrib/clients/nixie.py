# SPDX-License-Identifier: ISC
"""Asks nixie, by HTTP, whom not to mail. Copy this file into your program.

    from nixie import Nixie

    nixie = Nixie("unix:/run/nixie/http.sock", away="closed")
    if not nixie.check("ann@example.com", attempt=True)["suppressed"]:
        send(...)

When nixie is away, or cannot answer, check and check_many do as `away` says:
"open" mails all the same, "closed" mails nobody, "raise" raises Error, as what
records does always. It is recorded when the function returns. An object keeps
one connection, and is for one thread. What each answer holds is in nixie's
openapi.json.
"""
import http.client
import json
import socket
from urllib.parse import quote, urlencode, urlsplit

AT_ONCE = 1000  # addresses that nixie takes in one request


class Error(Exception):
    """It could not be done: status is 0 when there was no answer, else that of
    HTTP; problem is what nixie said (RFC 9457)."""

    def __init__(self, status, problem):
        super().__init__(problem.get("detail") or problem.get("title") or status)
        self.status, self.problem = status, problem


class CursorTooOld(Error):
    """Forget the copy, and begin again without a cursor."""


class _Unix(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _connection(url, timeout, context):
    if url.startswith("unix:"):
        return _Unix(url[len("unix:"):], timeout)
    parts = urlsplit(url)
    if parts.scheme == "https":
        return http.client.HTTPSConnection(parts.hostname, parts.port,
                                           timeout=timeout, context=context)
    return http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)


class Nixie:
    """url: "unix:/run/nixie/http.sock", "http://127.0.0.1:8025" or "https://…";
    token: its secret, where one is wanted; timeout: seconds that nixie may be
    silent; context: an ssl.SSLContext, when the usual one does not do."""

    def __init__(self, url, *, away, token=None, timeout=3.0, context=None):
        if away not in ("open", "closed", "raise"):
            raise ValueError("away is 'open', 'closed' or 'raise'")
        self.away = away
        self._connection = _connection(url, timeout, context)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    # --- who may be mailed --------------------------------------------------

    def check(self, address, *, stream=None, attempt=False):
        """A dict with suppressed, class, reason and until. attempt: mail is
        about to be sent there, which is recorded when it is suppressed."""
        return self.check_many([address], stream=stream, attempt=attempt)[0]

    def check_many(self, addresses, *, stream=None, attempt=False):
        """The same for each, in their order. What is no address has "error"
        and is suppressed."""
        addresses, results = list(addresses), []
        for at in range(0, len(addresses), AT_ONCE):
            some = addresses[at:at + AT_ONCE]
            results += self._check(some, stream, attempt)
        return results

    def _check(self, addresses, stream, attempt):
        body = {"addresses": addresses, "attempt": attempt}
        if stream is not None:
            body["stream"] = stream
        try:
            results = self._ask("POST", "/v1/check", body=body)["results"]
            if len(results) != len(addresses):
                raise Error(0, {"detail": "not an answer for each"})
        except Error as error:
            if self.away == "raise" or 400 <= error.status < 500:
                raise  # our own mistake: to ask again does not help
            return [{"address": one, "suppressed": self.away == "closed",
                     "class": "", "reason": "nixie is away", "until": None}
                    for one in addresses]
        return [{"suppressed": True, **one} if "error" in one else one
                for one in results]

    # --- the list -----------------------------------------------------------

    def suppress(self, address, note, **more):
        """more: class_, reason, stream. Returns the entry."""
        return self._ask("PUT", _path(address), body={"note": note, **_named(more)})

    def release(self, address, class_, note, *, stream=None):
        """True when nothing suppresses it any more; for complaint, unsubscribe
        and manual the class must be named."""
        query = {"class": class_, "note": note, "stream": stream}
        try:
            return not self._ask("DELETE", _path(address), query)["left"]
        except Error as error:
            if error.problem.get("type") == "urn:nixie:problem:not-suppressed":
                return True
            raise

    def changes(self, cursor=None):
        """Yields (changes, cursor) until nothing is left: keep the cursor with
        the copy that you change, and go on with it later. Raises
        CursorTooOld."""
        while True:
            page = self._ask("GET", "/v1/changes",
                             {"cursor": cursor, "limit": AT_ONCE})
            if not page["items"]:
                return
            cursor = page["next"]
            yield page["items"], cursor

    # --- what happened to mail ----------------------------------------------

    def delivered(self, addresses):
        """Mail was delivered there."""
        addresses = list(addresses)
        for at in range(0, len(addresses), AT_ONCE):
            self._ask("POST", "/v1/delivered",
                      body={"addresses": addresses[at:at + AT_ONCE]})

    def sent(self, *, messages=(), counts=()):
        """Mail was sent: dicts with message_id, recipient, stream and time, or
        with stream, domain, count, from and to."""
        for name, items in ("messages", list(messages)), ("counts", list(counts)):
            for at in range(0, len(items), AT_ONCE):
                self._ask("POST", "/v1/sent", body={name: items[at:at + AT_ONCE]})

    # ------------------------------------------------------------------------

    def _ask(self, method, path, query=None, body=None):
        query = {k: v for k, v in (query or {}).items() if v is not None}
        target = path + ("?" + urlencode(query, quote_via=quote) if query else "")
        data = None if body is None else json.dumps(body)
        headers = dict(self._headers)
        if data is not None:
            headers["Content-Type"] = "application/json"
        status, answer = self._exchange(method, target, data, headers)
        if status == 200:
            return answer
        raise (CursorTooOld if status == 410 else Error)(status, answer)

    def _exchange(self, method, target, data, headers):
        fresh = self._connection.sock is None
        try:
            self._connection.request(method, target, data, headers)
            response = self._connection.getresponse()
            return response.status, json.loads(response.read())
        except (ConnectionError, http.client.HTTPException, OSError,
                ValueError) as error:
            self._connection.close()
            if isinstance(error, ConnectionError) and not fresh:
                # nixie ends connections that were idle
                return self._exchange(method, target, data, headers)
            raise Error(0, {"detail": f"no answer: {error}"}) from error


def _path(address):
    return "/v1/suppressions/" + quote(address, safe="@")


def _named(members):
    return {name.rstrip("_"): value for name, value in members.items()}
