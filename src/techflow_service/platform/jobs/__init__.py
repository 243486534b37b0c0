"""Work behind the pages, kept in the database until it is done: one module a kind of work.

A module registers its tasks with `procrastinate.contrib.django.app`. A person's work goes to the
queue `PEOPLE` and is done in the name of a membership (`context.speaking_as`); work of the owner
goes to `OWNER`, which web processes cannot fill. A worker may die at any moment and the work be
begun anew, so every task does twice what it does once.
"""

import pkgutil

PEOPLE, OWNER = "people", "owner"
MODULES = [f"{__name__}.{one.name}" for one in pkgutil.iter_modules(__path__) if one.name[0] != "_"]
"""Modules that register tasks; the worker and the pages import them all."""
