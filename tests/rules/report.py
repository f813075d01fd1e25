# SPDX-License-Identifier: ISC
"""What the runners of tables share: delivery reports (RFC 3464) of one recipient, and what nixie says of them."""
import json, os, subprocess, tempfile

MAIL = '''From: Mail Delivery System <MAILER-DAEMON@%(host)s>
To: <%(to)s>
Subject: Undelivered Mail Returned to Sender
Date: Mon, 3 Nov 2025 10:00:00 +0000
Message-ID: <%(n)d.report@%(host)s>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=utf-8

Your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; %(host)s

Final-Recipient: rfc822; %(recipient)s
Action: %(action)s
Status: %(status)s
%(remote)sDiagnostic-Code: smtp; %(text)s

%(returned)s--b--
'''

RETURNED = '''--b
Content-Type: message/rfc822

Return-Path: <%(sender)s>
From: <%(sender)s>
To: <%(recipient)s>
Subject: News of November
Date: Mon, 3 Nov 2025 09:59:00 +0000
Message-ID: <%(n)d.news@%(host)s>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Hello

'''

def add_arguments(parser):
    parser.add_argument('--nixie', default='nixie'); parser.add_argument('--rules'); parser.add_argument('--quiet', action='store_true')

def mail(mta='', **fields):
    """fields: n, host, to, recipient, action, status, text, and the sender when the message is to be returned"""
    remote = 'Remote-MTA: dns; %s\n' % mta if mta else ''
    return MAIL % dict(fields, remote=remote, returned=RETURNED % fields if 'sender' in fields else '')

def classify(mails, o):
    """The record of each mail, in their order."""
    with tempfile.TemporaryDirectory() as folder:
        for n, text in enumerate(mails):
            with open(os.path.join(folder, '%05d.eml' % n), 'w', encoding='utf-8') as f: f.write(text)
        command = [o.nixie, 'classify', '--json', '-j1'] + (['--rules', o.rules] if o.rules else []) + [folder]
        out = subprocess.run(command, stdout=subprocess.PIPE, check=True, encoding='utf-8').stdout
    records = [json.loads(line) for line in out.splitlines()]
    if len(records) != len(mails): raise SystemExit('%d reports in, %d records out' % (len(mails), len(records)))
    return records
