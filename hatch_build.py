"""Build hook: bundles the report page with the Node that comes as a wheel."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BundleReport(BuildHookInterface[Any]):
    """Runs before a wheel or an editable install is made."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Nothing to bundle yet."""
