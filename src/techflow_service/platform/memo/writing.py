"""One firm as its reader may see it: rows of its sheets, numbers that open their source."""

from collections.abc import Mapping
from typing import Any

from techflow_service.platform.memo.figures import COLUMNS, label, tell
from techflow_service.platform.memo.sources import Cell, Sources
from techflow_service.platform.reading import Look
from techflow_service.platform.roles import Part
from techflow_service.platform.showing import Speaker

Row = Mapping[str, Any]


class Memo:
    """What the sections of the page are told from.

    Args:
        look: What was read of the firm.
        speak: Words of the language.
    """

    def __init__(self, look: Look, speak: Speaker) -> None:
        self.look, self.speak = look, speak
        self.record: Mapping[str, Any] = look.run.record
        self.verdict = self.row(Part.GRADE, "assessment")
        self.currency: str | None = self.verdict.get("currency") or "CNY"
        self.sources = Sources(self.record, self.verdict, speak)

    def rows(self, part: Part, file: str) -> list[Row]:
        """Rows of a file in the sheet of a part; none if the reader may not see it."""
        return list(self.look.parts.get(part, {}).get(file, ()))

    def row(self, part: Part, file: str) -> Row:
        """The only row of a file; empty if there is none."""
        return next(iter(self.rows(part, file)), {})

    def cell(
        self,
        table: str,
        name: str,
        row: Row,
        *,
        text: str | None = None,
        currency: str | None = None,
    ) -> Cell:
        """A number that opens its source.

        Args:
            table: Its table of the dictionary.
            name: Its column.
            row: The row that holds it.
            text: How it reads, if not as the dictionary says.
            currency: Of amounts, if not the firm's.
        """
        told = text or tell(
            self.speak, row.get(name), COLUMNS[table][name], currency or self.currency
        )
        if row.get(name) is None:
            return Cell(label(self.speak, table, name), told, (), ())
        source = self.sources.lines(table, name)
        return Cell(label(self.speak, table, name), told, source, self.sources.terms(name))

    def cells(self, table: str, names: tuple[str, ...], row: Row, currency: str = "") -> list[Cell]:
        """Numbers of a row, those that are known."""
        known = (name for name in names if row.get(name) is not None)
        return [self.cell(table, name, row, currency=currency or None) for name in known]

    def word(self, table: str, name: str, row: Row) -> str:
        """A code of a row in words; empty if unknown."""
        value = row.get(name)
        return "" if value is None else tell(self.speak, value, COLUMNS[table][name])

    def listed(self, row: Row, stem: str) -> list[str]:
        """Items of a text like `专利清单；发票`, in the language."""
        text = str(row.get(f"{stem}_{self.speak.language}") or "")
        return [item.strip() for item in text.replace("；", ";").split(";") if item.strip()]
