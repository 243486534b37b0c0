"""`python -m techflow_service.platform.studies FOLDER`: a process of its own.

Simulations compile for a minute the first time; a server need not wait for them.
"""

import os
import sys
from importlib import import_module
from pathlib import Path

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "techflow_service.platform.settings")
    django.setup()
    making = import_module("techflow_service.platform.studies.making")
    making.make_studies(Path(sys.argv[1]), os.environ["TECHFLOW_OWNER_URL"])
