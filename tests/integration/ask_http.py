#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""ask_http.py CLIENTS URL SECRET SILENT [CA]: contrib/clients/nixie.py against a
daemon; nobody answers at unix:SILENT."""
import socket
import ssl
import sys
import time

sys.dont_write_bytecode = True
clients, url, secret, silent, *ca = sys.argv[1:]
sys.path.insert(0, clients)
import nixie  # noqa: E402

context = ssl.create_default_context(cafile=ca[0]) if ca else None
away = {"token": secret, "timeout": 0.3}
one = nixie.Nixie(url, away="raise", token=secret, context=context)


def refused(call, status):
    try:
        call()
    except nixie.Error as error:
        assert error.status == status, (error.status, error)
        return error
    raise AssertionError("it was not refused")


# who may be mailed
assert one.check("gone@example.com", attempt=True)["reason"] == "unknown-user"
assert not one.check("py@example.com")["suppressed"]
many = [f"n{i}@example.com" for i in range(1001)] + ["gone@example.com", "none"]
results = one.check_many(many, stream="newsletter")
assert [r["address"] for r in results] == many
assert [r["suppressed"] for r in results] == [False] * 1001 + [True] * 2

# the list
copy, cursor = {}, None


def follow():
    global cursor
    for changes, cursor in one.changes(cursor):
        for change in changes:
            key = change["id"], change["holds_for"], change["stream"], change["by_hand"]
            copy.pop(key, None)
            if change["state"]:
                copy[key] = change["address"]


follow()
assert "gone@example.com" in copy.values()
assert one.suppress("py@example.com", "a test", class_="unsubscribe")["who"] == "shop"
assert one.suppress("ü/?#@example.com", "a test")["suppressed"]
assert one.check("py@example.com")["class"] == "unsubscribe"
follow()
assert "py@example.com" in copy.values()
assert not one.release("py@example.com", "hard", "a test")
assert one.release("py@example.com", "unsubscribe", "a test & more + so on")
assert one.release("py@example.com", "unsubscribe", "a test")
follow()
assert "py@example.com" not in copy.values()
assert list(one.changes(cursor)) == []

# what happened to mail
one.delivered(["py@example.com"])
one.sent(messages=[{"message_id": "<py@example.org>", "recipient": "py@example.com",
                    "time": "2026-01-01T00:00:00Z"}])
one.sent(counts=[{"domain": "example.com", "count": 3,
                  "from": "2026-01-01T00:00:00Z", "to": "2026-01-01T01:00:00Z"}])

# a connection that was ended meanwhile is made anew
one._connection.sock.shutdown(socket.SHUT_RDWR)
assert one.check("gone@example.com")["suppressed"]

# our mistakes are told, whatever is said of nixie being away
for way in "open", "closed":
    wrong = nixie.Nixie(url, away=way, token="wrong", context=context)
    refused(lambda: wrong.check("py@example.com"), 401)
assert refused(lambda: one.delivered(["none"]), 400).problem["field"] == "addresses[0]"
refused(lambda: list(one.changes("?")), 400)

# away: nobody is there, or says nothing
for where in "unix:" + silent, "unix:" + silent + ".none":
    begin = time.monotonic()
    assert not nixie.Nixie(where, away="open", **away).check("gone@example.com")["suppressed"]
    assert nixie.Nixie(where, away="closed", **away).check("py@example.com")["suppressed"]
    refused(lambda: nixie.Nixie(where, away="raise", **away).check("py@example.com"), 0)
    refused(lambda: nixie.Nixie(where, away="open", **away).delivered(["py@example.com"]), 0)
    assert time.monotonic() - begin < 5
