"""The first page: what needs me, what changed."""

from typing import Any

from django.http import HttpResponse
from django.urls import path

from techflow_service.platform.models import Run
from techflow_service.platform.roles import EVERYONE
from techflow_service.platform.routes import GET, Row
from techflow_service.platform.showing import show


def home(request: Any) -> HttpResponse:
    """The home of the member's role."""
    return show(request, "home.html", run=Run.objects.last())


URLS = [path("", home, name="home")]
ROWS = {"home": Row(GET, EVERYONE, "own")}
PLACES = [(0, "home", "frame.home")]
