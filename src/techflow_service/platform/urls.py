"""Addresses. Every one has a row in `routes`; a test holds it."""

from django.contrib import admin
from django.urls import include, path

from techflow_service.platform.pages import firms, frame, home

urlpatterns = [
    path("", home.home, name="home"),
    path("health", frame.health, name="health"),
    path("language", frame.language, name="language"),
    path("membership", frame.membership, name="membership"),
    path("firms", firms.listing, name="firms"),
    path("firms/<str:firm_id>", firms.firm, name="firm"),
    path("account/", include("allauth.urls")),
    path("office/", admin.site.urls),
]
handler404 = "techflow_service.platform.pages.failures.absent"
handler500 = "techflow_service.platform.pages.failures.broken"
