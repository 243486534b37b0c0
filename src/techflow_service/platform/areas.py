"""The areas of the platform: every module of `pages` and `api` that declares routes.

A module declares `URLS` (paths), `ROWS` (route -> who may call it) and, if it has an entry in the
rail, `PLACES` (order, route, key of its words).
"""

import pkgutil
from importlib import import_module
from typing import Any

from techflow_service.platform import pages
from techflow_service.platform.routes import PLACES, TABLE

AREAS = tuple(
    import_module(f"{pages.__name__}.{found.name}")
    for found in pkgutil.iter_modules(pages.__path__)
)
URLS: list[Any] = [address for area in AREAS for address in getattr(area, "URLS", ())]
for area in AREAS:
    TABLE.update(getattr(area, "ROWS", {}))
    PLACES.extend(getattr(area, "PLACES", ()))
PLACES.sort()
