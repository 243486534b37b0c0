"""Content of listing and exit: the installation's file, or one's own in the same form."""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from techflow.basics import InvalidInput
from techflow_service.models import read_model

Model = TypeVar("Model")


def read_content(name: str, own: Path | None, make: Callable[[Mapping[str, Any]], Model]) -> Model:
    """Read a content file.

    Args:
        name: File of the installation.
        own: File to read instead, if any.
        make: Turns its content into records.

    Raises:
        InvalidInput: The own file is missing, not TOML, or lacks something.
    """
    if own is None:
        return make(read_model(name))
    try:
        return make(tomllib.loads(own.read_text("utf8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput(f"{own} cannot be read: {error}") from error
    except (KeyError, TypeError) as error:
        raise InvalidInput(f"{own} is not in the form of {name}: it lacks {error}") from error
