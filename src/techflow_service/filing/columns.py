"""Which columns a file has: a content file that people may change."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from techflow.basics import InvalidInput
from techflow.pool.register import CLAIM_FIELDS, DUE_FIELDS
from techflow_service.models import MODELS

FIELDS = {"claims": CLAIM_FIELDS, "relending": DUE_FIELDS, "discount": DUE_FIELDS}
"""Kind of file -> fields its columns may show."""
LOAN = "loan:"


@dataclass(frozen=True, slots=True)
class Shown:
    """One column: the field it shows and its header."""

    field: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Form:
    """Title and columns of a file."""

    zh: str
    en: str
    columns: tuple[Shown, ...]

    @property
    def loan_columns(self) -> list[str]:
        """Columns wanted of the file of loans."""
        return [each.field[len(LOAN) :] for each in self.columns if each.field.startswith(LOAN)]


def read_form(kind: str, path: Path | None = None) -> Form:
    """The columns of a file.

    Args:
        kind: One of `FIELDS`.
        path: A content file; ours if left out.

    Raises:
        InvalidInput: It cannot be read, or names a field that is not there; says which there are.
    """
    where = path or f"pool_files/{kind}.toml"
    try:
        text = path.read_text("utf8") if path else (MODELS / str(where)).read_text("utf8")
        told: dict[str, Any] = tomllib.loads(text)
        columns = tuple(Shown(row["from"], row["zh"], row["en"]) for row in told["column"])
        form = Form(told["zh"], told["en"], columns)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput(
            f"{where} is no file of columns: it needs zh, en and column with from, zh, en; {error}"
        ) from error
    allowed = FIELDS[kind]
    strange = [s.field for s in columns if s.field not in allowed and not s.field.startswith(LOAN)]
    if strange or not columns:
        raise InvalidInput(
            f"{where}: from must be one of {', '.join(allowed)} or {LOAN}NAME; got "
            f"{', '.join(strange) or 'no column'}"
        )
    return form
