"""A small issuer of OpenID Connect for tests: discovery, keys, code flow with PKCE.

It signs with joserfc, which the platform does not use, and holds the platform to the standards:
RFC 6749 (codes are used once, redirects as registered), RFC 7636 (S256), OpenID Connect Core 1.0.
What it says of who signed in can be bent, to try what the platform refuses.
"""

import hashlib
import json
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "techflow-test", "a secret of the test"


class Issuer:
    """Runs on a port of its own until closed."""

    def __init__(self):
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.stranger = RSAKey.generate_key(2048, {"kid": "one"})
        self.codes, self.asked = {}, []
        self.subject, self.claims, self.bend, self.named = "subject-1", {}, None, None
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def about(self):
        return {
            "issuer": self.named or self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def authorize(self, address):
        """The person agrees: where their browser is sent on to.

        Raises:
            AssertionError: What the platform asked for is not as the standards say.
        """
        asked = {name: one for name, (one,) in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code" and asked["client_id"] == CLIENT
        assert "openid" in asked["scope"].split()
        assert asked["code_challenge_method"] == "S256" and len(asked["code_challenge"]) == 43
        assert len(asked["state"]) >= 16 and len(asked["nonce"]) >= 32
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        self.asked.append(asked)
        back = urlencode({"code": code, "state": asked["state"]})
        return f"{asked['redirect_uri']}?{back}"

    def token(self, form):
        """Status and answer to who brings a code."""
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = urlsafe_b64encode(digest).decode().rstrip("=")
        fit = (
            asked is not None
            and (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
            and form.get("redirect_uri") == asked["redirect_uri"]
            and challenge == asked["code_challenge"]
        )
        if not fit:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self._signed(asked)}

    def _signed(self, asked):
        at = int(time.time())
        claims = {"iss": self.url, "sub": self.subject, "aud": CLIENT, "iat": at, "exp": at + 300}
        claims |= {"nonce": asked["nonce"]} | self.claims
        claims = {name: one for name, one in claims.items() if one is not None}
        head, key = {"alg": "RS256", "kid": "one"}, self.key
        if self.bend == "stranger":
            key = self.stranger
        if self.bend == "unknown key":
            head["kid"] = "two"
        if self.bend == "hmac":
            head["alg"], key = "HS256", OctKey.import_key(self.key.as_pem(private=False))
        if self.bend == "none":
            parts = [{"alg": "none", "kid": "one"}, claims]
            return ".".join(urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=")
                            for one in parts) + "."  # fmt: skip
        return jwt.encode(head, claims, key)

    def _handler(issuer):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                path = urlsplit(self.path).path
                if path == "/.well-known/openid-configuration":
                    self._say(200, issuer.about())
                elif path == "/keys":
                    self._say(200, {"keys": [issuer.key.as_dict(private=False)]})
                else:
                    self._say(404, {})

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self._say(*issuer.token({name: one for name, (one,) in parse_qs(body).items()}))

            def _say(self, status, answer):
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *words):
                """Quiet."""

        return Handler
