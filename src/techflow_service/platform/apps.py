"""The Django application."""

from django.apps import AppConfig


class PlatformConfig(AppConfig):
    """One application holds the whole platform."""

    name = "techflow_service.platform"
    label = "platform"
    verbose_name = "Techflow"
