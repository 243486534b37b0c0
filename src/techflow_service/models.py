"""Content files of the models."""

import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

MODELS: Traversable = files("techflow_content.models")


def read_model(name: str) -> dict[str, Any]:
    """A parsed content file of the models.

    Args:
        name: Its path in the folder of models, such as `plan.toml`.
    """
    return tomllib.loads((MODELS / name).read_text("utf8"))
