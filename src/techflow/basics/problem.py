"""What is wrong with one value, in both languages; and how a code is tidied before a check."""

import re
import unicodedata
from typing import NamedTuple


class Problem(NamedTuple):
    """Why a value was refused. Row problems are records, not exceptions.

    Attributes:
        code: Stable name of the reason, for machines.
        zh: The reason in Chinese.
        en: The reason in English.
    """

    code: str
    zh: str
    en: str


def tidy_code(text: str) -> str:
    """Upper case, full-width to half-width, without spaces and hyphens.

    Examples:
        >>> tidy_code(" ９１３５-0100 m0")
        '91350100M0'
    """
    plain = re.sub(r"[\s\-‐-―]", "", unicodedata.normalize("NFKC", text))
    return unicodedata.normalize("NFKC", plain.upper())
