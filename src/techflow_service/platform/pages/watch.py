"""For machines that watch the platform: alive, ready, and figures for Prometheus."""

import hmac
import os
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.urls import path
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector

from techflow_service.platform.pages import failures
from techflow_service.platform.routes import GET, OUTSIDE, Row
from techflow_service.platform.watching import OWN
from techflow_service.platform.working import CHECKS, SILENT_SECONDS

NEAR = ("127.0.0.1", "::1")
JOBS = "SELECT status::text, count(*) FROM procrastinate_jobs WHERE queue_name <> %s GROUP BY 1"
WORKERS = (
    "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - %s * interval '1 s'"
)
RUN = "SELECT extract(epoch FROM max(as_of)), count(*) FROM platform_run WHERE %s"


def live(request: Any) -> HttpResponse:
    """The process answers; said before anything else is asked, by the middleware `watching`."""
    return JsonResponse({"status": "ok"})


def ready(request: Any) -> HttpResponse:
    """The database answers, in the structure that this program needs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT done_n FROM platform_progress LIMIT 1")
    return JsonResponse({"status": "ok"})


def metrics(request: Any) -> HttpResponse:
    """Figures for Prometheus: for this machine, or for who holds TECHFLOW_METRICS_TOKEN."""
    if not _may(request):
        return failures.absent(request)
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(Shelves())
    near = b"" if os.environ.get("PROMETHEUS_MULTIPROC_DIR") else generate_latest(OWN)
    return HttpResponse(near + generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _may(request: Any) -> bool:
    token = os.environ.get("TECHFLOW_METRICS_TOKEN")
    if token:
        told = request.headers.get("Authorization", "").encode()
        return hmac.compare_digest(told, f"Bearer {token}".encode())
    passed_on = {"X-Forwarded-For", "Forwarded", "X-Real-Ip"} & set(request.headers)
    return request.META.get("REMOTE_ADDR") in NEAR and not passed_on


class Shelves:
    """What lies in the database now."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Jobs by state, workers that live, day of the newest assessment."""
        jobs = GaugeMetricFamily("techflow_jobs", "Jobs by state.", labels=["state"])
        for state, jobs_n in _rows(JOBS, CHECKS):
            jobs.add_metric([state], jobs_n)
        yield jobs
        alive = _rows(WORKERS, SILENT_SECONDS)[0][0]
        yield GaugeMetricFamily("techflow_workers", "Workers that live.", value=alive)
        as_of, runs_n = _rows(RUN, True)[0]
        yield GaugeMetricFamily("techflow_runs", "Assessments loaded.", value=runs_n)
        if as_of is not None:
            yield GaugeMetricFamily(
                "techflow_run_as_of_seconds", "Day of the newest assessment.", value=float(as_of)
            )


def _rows(words: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(words, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


URLS = [
    path("health/live", live, name="health_live"),
    path("health/ready", ready, name="health_ready"),
    path("metrics", metrics, name="metrics"),
]
ROWS = {name: Row(GET, OUTSIDE) for name in ("health_live", "health_ready", "metrics")}
