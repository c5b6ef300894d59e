"""A mail server that is not ours: aiosmtpd, with STARTTLS (first port) and with TLS (second port), both asking for a login.

Prints the ports, then a JSON line for each message that came in."""

import json
import ssl
import sys
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


class Handler:
    def __init__(self, wrapped):
        self.wrapped = wrapped

    async def handle_DATA(self, server, session, envelope):
        print(json.dumps({
            "to": envelope.rcpt_tos,
            "tls": self.wrapped or session.ssl is not None,
            "login": session.authenticated,
            "text": envelope.content.decode(),
        }), flush=True)
        return "250 taken"


def login(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"tandem", b"a secret")
    return AuthResult(success=good, handled=False)


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
asks = {"authenticator": login, "auth_required": True}
first, second = int(sys.argv[3]), int(sys.argv[4])
starttls = Controller(Handler(False), hostname="127.0.0.1", port=first, tls_context=context, require_starttls=True, **asks)
tls = Controller(Handler(True), hostname="127.0.0.1", port=second, ssl_context=context, auth_require_tls=False, **asks)
starttls.start()
tls.start()
print("ready", flush=True)
while True:
    time.sleep(60)
