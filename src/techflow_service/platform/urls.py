"""Addresses. Every one of ours has a row in `routes`; a test holds it."""

from django.urls import include, path

from techflow_service.platform.areas import URLS
from techflow_service.platform.office import OFFICE

urlpatterns = [
    *URLS,
    path("account/", include("allauth.urls")),
    path("office/", OFFICE.urls),
]
handler400 = "techflow_service.platform.pages.failures.bad"
handler404 = "techflow_service.platform.pages.failures.absent"
handler429 = "techflow_service.platform.pages.failures.too_often"
handler500 = "techflow_service.platform.pages.failures.broken"
