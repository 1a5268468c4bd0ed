"""Accounts: who registers can log in, and gets a token that others can check by its signature."""

import base64
import hashlib
import hmac
import json
import os
import secrets
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg

DATABASE_URL = os.environ["DATABASE_URL"]
TOKEN_KEY = os.environ["TOKEN_KEY"].strip().encode()
TOKEN_LIFETIME = int(os.environ.get("TOKEN_LIFETIME", "900"))
PREFIX = "/api/auth"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(account):
    """A JWT by HS256. The gateway has the same key, and asks nobody."""
    now = int(time.time())
    claims = {
        "iss": "auth-service",
        "aud": "diary",
        "sub": str(account),
        "jti": secrets.token_hex(8),
        "iat": now,
        "exp": now + TOKEN_LIFETIME,
    }
    parts = [{"alg": "HS256", "typ": "JWT"}, claims]
    text = ".".join(base64url(json.dumps(part).encode()) for part in parts)
    return text + "." + base64url(hmac.digest(TOKEN_KEY, text.encode(), "sha256"))


def hashed(password, salt):
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)


def register(email, password):
    salt = secrets.token_bytes(16)
    with psycopg.connect(DATABASE_URL) as database:
        row = database.execute(
            "INSERT INTO accounts (email, salt, password) VALUES (%s, %s, %s)"
            " ON CONFLICT (email) DO NOTHING RETURNING id",
            (email, salt, hashed(password, salt)),
        ).fetchone()
    return (201, {"id": str(row[0])}) if row else (409, {"error": "there is such an account"})


def login(email, password):
    with psycopg.connect(DATABASE_URL) as database:
        row = database.execute(
            "SELECT id, salt, password FROM accounts WHERE email = %s", (email,)
        ).fetchone()
    # As slow for an account that is not there, so that nobody learns which are.
    account, salt, wanted = row or (None, b"", b"")
    if hmac.compare_digest(hashed(password, salt), wanted):
        return 200, {"token": token(account)}
    return 401, {"error": "no such account, or another password"}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/health":
            return self.answer(200, {"status": "ok"})
        if self.path == PREFIX + "/me":
            # Set by the gateway from the token, and taken away from what a client sends.
            return self.answer(200, {"id": self.headers.get("X-User-ID")})
        return self.answer(404, {"error": "not found"})

    def do_POST(self):
        action = {PREFIX + "/register": register, PREFIX + "/login": login}.get(self.path)
        if not action:
            return self.answer(404, {"error": "not found"})
        try:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            email, password = str(body["email"]), str(body["password"])
        except (ValueError, KeyError, TypeError):
            return self.answer(400, {"error": "an email and a password are needed"})
        return self.answer(*action(email, password))

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("", int(os.environ.get("PORT", "8000"))), Handler)
    # The first process of a container ends by SIGTERM only where it says so.
    stop = lambda *_: threading.Thread(target=server.shutdown).start()
    signal.signal(signal.SIGTERM, stop)
    server.serve_forever()
