"""Accounts are made by an administrator, never by a visitor."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter


class Closed(DefaultAccountAdapter):
    """No sign-up by a form."""

    def is_open_for_signup(self, request: Any) -> bool:
        """Never."""
        return False


class ClosedSocial(DefaultSocialAccountAdapter):
    """No sign-up by a sign-on server: it only opens accounts that are there."""

    def is_open_for_signup(self, request: Any, sociallogin: Any) -> bool:
        """Never."""
        return False
