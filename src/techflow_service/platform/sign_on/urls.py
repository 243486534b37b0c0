"""Addresses of sign-on; their names are those that the library looks for."""

from typing import Any

from allauth.account.internal.decorators import login_not_required
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.http import Http404, HttpResponse
from django.urls import path

from techflow_service.platform.sign_on.provider import Server


def _view(kind: Any) -> Any:
    @login_not_required
    def answer(request: Any, provider_id: str) -> HttpResponse:
        try:
            return kind.adapter_view(Server(request, provider_id))(request)
        except SocialApp.DoesNotExist:
            raise Http404 from None

    return answer


urlpatterns = [
    path("oidc/<slug:provider_id>/login/", _view(OAuth2LoginView), name="openid_connect_login"),
    path(
        "oidc/<slug:provider_id>/login/callback/",
        _view(OAuth2CallbackView),
        name="openid_connect_callback",
    ),
]
