"""Accounts are made by an administrator, never by a visitor; who may come in with one."""

import secrets
from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render

from techflow_service.clock import now

MUST_CHANGE = "must_change_password"
"""Key in the session: the person came in by a password that somebody else gave."""


class Closed(DefaultAccountAdapter):
    """No sign-up by a form; a password given by somebody else is good for a change of it only."""

    def is_open_for_signup(self, request: Any) -> bool:
        """Never."""
        return False

    def pre_login(self, request: Any, user: Any, **kwargs: Any) -> HttpResponse | None:
        """Nobody comes in by a given password after its days."""
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        if response is None and _given(user, kwargs):
            days = timedelta(days=settings.FIRST_PASSWORD_DAYS)
            if now() - user.password_given_at > days:
                clear_login(request)
                return render(request, "account/password_ended.html", {"days": days.days})
        return response

    def post_login(self, request: Any, user: Any, **kwargs: Any) -> HttpResponse:
        """Who came in by a given password is led to changing it."""
        request.session[MUST_CHANGE] = _given(user, kwargs)
        response: HttpResponse = super().post_login(request, user, **kwargs)
        return response

    def set_password(self, user: Any, password: str) -> None:
        """A person chooses a password of their own."""
        user.password_given_at = None
        super().set_password(user, password)
        self.request.session.pop(MUST_CHANGE, None)


def _given(user: Any, kwargs: Any) -> bool:
    by_server = "sociallogin" in (kwargs.get("signal_kwargs") or {})
    return user.password_given_at is not None and not by_server


class ClosedSocial(DefaultSocialAccountAdapter):
    """No sign-up by a sign-on server: it only opens accounts that are there."""

    def is_open_for_signup(self, request: Any, sociallogin: Any) -> bool:
        """Never."""
        return False

    def pre_social_login(self, request: Any, sociallogin: Any) -> None:
        """Hold the token's nonce against the one that was sent.

        Raises:
            PermissionDenied: It is another: the token was made for another sign-in.
        """
        told = sociallogin.account.extra_data["id_token"]["nonce"]
        if not secrets.compare_digest(str(told), str(sociallogin.state.get("nonce"))):
            raise PermissionDenied
