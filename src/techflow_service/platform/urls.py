"""Addresses. Every one of ours has a row in `routes`; a test holds it."""

from django.contrib import admin
from django.urls import include, path

from techflow_service.platform.areas import URLS

urlpatterns = [
    *URLS,
    path("account/", include("allauth.urls")),
    path("office/", admin.site.urls),
]
handler400 = "techflow_service.platform.pages.failures.bad"
handler404 = "techflow_service.platform.pages.failures.absent"
handler500 = "techflow_service.platform.pages.failures.broken"
