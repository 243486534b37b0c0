"""The data dictionary as a page: `python -m techflow_service.dictionary docs/dictionary.md`."""

import sys
from collections.abc import Iterator
from pathlib import Path

from techflow.schema import DERIVED, TABLES, Column, Table

HEAD = """# Data dictionary

Every table and column. Imports check rows against it, templates are written from it, pages take
their labels from it. This page is generated: `python -m techflow_service.dictionary
docs/dictionary.md`.

Units: `lcy` the row's own currency, `cny` yuan, `share` and `ratio` fractions (0.05 = 5 %),
`rate_pa` a fraction per year, `n` a count, `day` `month` `year` durations, `points` of a score.
**Bold** columns identify a record. A required column that is empty sends the row to quarantine;
any other empty cell means unknown, never zero.
"""


def render_dictionary() -> str:
    """The dictionary as Markdown: stored tables, then computed ones, a section for each."""
    sections = [
        *(_section(table, "Stored") for table in TABLES.values()),
        *(_section(table, "Computed, not stored") for table in DERIVED.values()),
    ]
    return "\n".join((HEAD, *sections))


def _section(table: Table, kind: str) -> str:
    """One table."""
    rows = "\n".join(_row(column, column.name in table.key) for column in table.columns)
    return f"""## {table.name}

{table.zh} / {table.en}. {kind}. Key: {", ".join(f"`{name}`" for name in table.key)}.

| column | 中文 | English | type | unit | required | allowed |
|---|---|---|---|---|---|---|
{rows}
"""


def _row(column: Column, in_key: bool) -> str:
    """One column."""
    name = f"**`{column.name}`**" if in_key else f"`{column.name}`"
    required = "yes" if column.required else ""
    cells = (name, column.zh, column.en, column.kind, column.unit, required)
    return f"| {' | '.join(cells)} | {'; '.join(_allowed(column))} |"


def _allowed(column: Column) -> Iterator[str]:
    """What a value must meet."""
    if column.low is not None:
        yield f"at least {column.low:g}"
    if column.high is not None:
        yield f"at most {column.high:g}"
    if column.check:
        yield f"a well-formed {column.check}"
    yield from (f"`{value}` {zh} / {en}" for value, (zh, en) in column.codes.items())


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render_dictionary(), "utf8")
