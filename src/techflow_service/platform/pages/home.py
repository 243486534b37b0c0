"""The first page: what needs me, what changed."""

from typing import Any

from django.http import HttpResponse

from techflow_service.platform.models import Run
from techflow_service.platform.showing import show


def home(request: Any) -> HttpResponse:
    """The home of the member's role."""
    return show(request, "home.html", run=Run.objects.last())
