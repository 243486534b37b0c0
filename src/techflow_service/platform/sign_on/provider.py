"""Sign-on by OpenID Connect: code flow with PKCE and a nonce, tokens whose signature is checked.

The library reads a token that comes straight from the server without looking at its signature, and
sends no nonce. Here both are held, with the algorithms named; who someone is comes from the token
alone. What they may do is never read from it: that is a membership of ours.
"""

import secrets
from collections.abc import Mapping
from typing import Any

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpResponse
from requests import RequestException

ALGORITHMS = ("RS256", "PS256", "ES256")
CLAIMS = ("iss", "sub", "aud", "exp", "iat", "nonce")
LEEWAY_S = 30
WELL_KNOWN = "/.well-known/"


class Server(OpenIDConnectOAuth2Adapter):
    """One sign-on server."""

    @property
    def openid_config(self) -> Mapping[str, Any]:
        """What the server says of itself.

        Raises:
            OAuth2Error: It calls itself otherwise than the settings do.

        Source:
            OpenID Connect Discovery 1.0, section 4.3.
        """
        config: Mapping[str, Any] = super().openid_config
        known = self.get_provider().app.settings["server_url"].split(WELL_KNOWN)[0]
        if str(config.get("issuer", "")).rstrip("/") != known.rstrip("/"):
            raise OAuth2Error("the server calls itself otherwise than the settings do")
        return config

    def complete_login(self, request: Any, app: Any, token: Any, **kwargs: Any) -> Any:
        """Who signed in, by the identity token alone."""
        claims = self._claims(app, str(kwargs["response"].get("id_token") or ""))
        return self.get_provider().sociallogin_from_response(request, {"id_token": claims})

    def _claims(self, app: Any, id_token: str) -> dict[str, Any]:
        """Claims of a token that is signed, for us, of this server and not too old.

        Source:
            OpenID Connect Core 1.0, section 3.1.3.7.
        """
        try:
            claims = jwt.decode(
                id_token,
                self._key(jwt.get_unverified_header(id_token).get("kid")),
                algorithms=list(ALGORITHMS),
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=LEEWAY_S,
                options={"require": list(CLAIMS)},
            )
        except jwt.PyJWTError as error:
            raise OAuth2Error("the identity token does not hold") from error
        if claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("the identity token was given to another client")
        return claims

    def _key(self, kid: str | None) -> jwt.PyJWK:
        """The server's key of a name; of a token without a name, its only key."""
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
            keys = jwt.PyJWKSet.from_dict(answer.json()).keys
        found = [key for key in keys if key.key_id == kid or (kid is None and len(keys) == 1)]
        if not found:
            raise OAuth2Error("the identity token names a key that the server does not have")
        return found[0]


class SignOn(OpenIDConnectProvider):
    """What is asked of a sign-on server."""

    oauth2_adapter_class = Server
    pkce_enabled_default = True
    supports_token_authentication = False

    def redirect(
        self, request: Any, process: str, next_url: Any = None, data: Any = None, **kwargs: Any
    ) -> HttpResponse:
        """Send to the server, with a nonce that the token must bring back."""
        nonce = secrets.token_urlsafe(32)
        asked = {
            "scope": self.get_scope(),
            "auth_params": self.get_auth_params() | {"nonce": nonce},
        }
        try:
            return super().redirect(request, process, next_url, data, nonce=nonce, **asked)
        except (OAuth2Error, RequestException) as error:
            return render_authentication_error(request, self, exception=error)
