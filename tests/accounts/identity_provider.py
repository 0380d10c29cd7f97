"""An organisation's sign-in service for tests: a real OpenID Connect server on loopback, with one person in it."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import jwt

CLIENT_ID = "portal"
CLIENT_SECRET = "the secret of the portal's client at the sign-in service"


class IdentityProvider(ThreadingHTTPServer):
    """Answers discovery, token and userinfo requests. `claims` is what it tells about the person."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.claims: dict[str, Any] = {}
        self.asked: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def id_token(self) -> str:
        """Return the claims, signed."""
        claims = {"iss": self.url, "aud": CLIENT_ID, "exp": time.time() + 60, "iat": time.time()} | self.claims
        return jwt.encode(claims, "a key of the sign-in service alone", algorithm="HS256")


class Answer(BaseHTTPRequestHandler):
    """One request."""

    server: IdentityProvider

    def do_GET(self) -> None:  # the name that http.server calls
        """Answer discovery and userinfo."""
        url = self.server.url
        if self.path == "/.well-known/openid-configuration":
            self.send(
                {
                    "issuer": url,
                    "authorization_endpoint": f"{url}/authorize",
                    "token_endpoint": f"{url}/token",
                    "userinfo_endpoint": f"{url}/userinfo",
                    "jwks_uri": f"{url}/keys",
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                }
            )
        else:
            self.send(self.server.claims)

    def do_POST(self) -> None:  # the name that http.server calls
        """Answer a request for tokens, if it comes from the portal's client."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        asked = {name: values[0] for name, values in parse_qs(body).items()}
        self.server.asked.append(asked)
        if asked.get("client_secret") == CLIENT_SECRET:
            self.send({"access_token": "opaque", "token_type": "Bearer", "id_token": self.server.id_token()})
        else:
            self.send({"error": "invalid_client"}, status=401)

    def send(self, answer: dict[str, Any], status: int = 200) -> None:
        """Send JSON."""
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Be quiet."""


@contextmanager
def running() -> Iterator[IdentityProvider]:
    """Run one for a test."""
    server = IdentityProvider()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
