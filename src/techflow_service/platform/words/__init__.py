"""What people read, in both languages: `key: (zh, en)`. One module per area of the platform."""

import pkgutil
from collections.abc import Mapping
from importlib import import_module

WORDS: Mapping[str, tuple[str, str]] = {
    key: words
    for module in pkgutil.iter_modules(__path__)
    for key, words in import_module(f"{__name__}.{module.name}").WORDS.items()
}
