"""A draft beside the text in force: who gains, who loses, who becomes undecided."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import narwhals.stable.v2 as nw

from techflow.basics import Frame, InvalidInput
from techflow.policy.evaluate import evaluate
from techflow.policy.params import Cut, Number, Params, Row, Table, exact
from techflow.policy.rule import Law, Rule

CHANGES = ("gains", "loses", "keeps", "stays_out", "open")


def compare_rules(
    firms: Frame, in_force: Sequence[Rule], draft: Sequence[Rule], *, policy_id: str
) -> Frame:
    """Judge every firm by the law in force and by a draft of it.

    Args:
        firms: One row per firm, with the facts both read.
        in_force: Rules of the day, with those they use.
        draft: The same with the draft in place.
        policy_id: The policy whose answers are compared.

    Returns:
        The rows plus `before`, `after` (bool, null = unknown) and `change`: `gains`, `loses`,
        `keeps` (yes and yes), `stays_out` (no and no), `open` (either is unknown).

    Raises:
        MissingColumn: A fact has no column.
    """
    column = f"{policy_id.replace('.', '_')}__answer"
    names = firms.collect_schema().names()
    first = evaluate(firms, in_force, detail="answers")
    kept = first.select(*names, nw.col(column).alias("before"))
    second = evaluate(kept, draft, detail="answers")
    both = second.select(*names, "before", nw.col(column).alias("after"))
    return both.with_columns(change=_change(nw.col("before"), nw.col("after")))


def _change(before: nw.Expr, after: nw.Expr) -> nw.Expr:
    """One word for two answers."""
    yes = nw.when(before).then(nw.lit("keeps")).otherwise(nw.lit("gains"))
    no = nw.when(before).then(nw.lit("loses")).otherwise(nw.lit("stays_out"))
    known = nw.when(after).then(yes).otherwise(no)
    return nw.when(before.is_null() | after.is_null()).then(nw.lit("open")).otherwise(known)


def count_changes(compared: Frame, *, by: Sequence[str] = ()) -> Frame:
    """How many gain and lose, in all or by region, sector, size.

    Args:
        compared: From `compare_rules`.
        by: Columns to group by; empty for one row.

    Returns:
        One row per group: firms_n, before_n, after_n, and `<change>_n` for each change.
    """
    flags = {f"_{word}": (nw.col("change") == word).cast(nw.Int64) for word in CHANGES}
    counted = compared.with_columns(
        _one=nw.lit(1),
        _before=nw.col("before").cast(nw.Int64).fill_null(0),
        _after=nw.col("after").cast(nw.Int64).fill_null(0),
        **flags,
    )
    sums = {f"{word}_n": nw.col(f"_{word}").sum() for word in ("before", "after", *CHANGES)}
    totals = {"firms_n": nw.col("_one").sum(), **sums}
    if by:
        return counted.group_by(*by).agg(**totals)
    return counted.select(**totals)


def draft_law(law: Law, values: dict[str, object]) -> Law:
    """A law with some of its latest numbers replaced, marked as a proposal.

    Args:
        law: The law in force.
        values: Parameter -> new number, or for a table a list of [cut, points].

    Returns:
        The same law; each replaced number holds for all days and says it is a draft.

    Raises:
        InvalidInput: There is no such parameter, or it is a list of codes.
    """
    rows = dict(law.params.rows)
    for name, value in values.items():
        if name not in rows:
            raise InvalidInput(f"{law.id} has no parameter {name}; it has {sorted(rows)}")
        rows[name] = (_draft(rows[name], value),)
    return replace(law, params=Params(rows, law.params.checked_on))


def final_law(law: Law, *, since: date) -> Law:
    """A law as it finally stands, as if it had been in force from a day on.

    Args:
        law: A law, such as a draft that begins later.
        since: First day.
    """
    versions = (replace(law.policy.versions[-1], since=since),)
    rows = {
        name: (replace(history[-1], since=since, until=None),)
        for name, history in law.params.rows.items()
    }
    policy = replace(law.policy, versions=versions)
    return replace(law, policy=policy, params=Params(rows, law.params.checked_on))


def _draft(rows: tuple[Row, ...], value: object) -> Row:
    term = rows[-1].term
    mark = replace(term.source.mark, kind="proposal", confidence="")
    source = replace(term.source, mark=mark, reference=f"draft of {term.source.reference}")
    if isinstance(term, Number):
        return Row(Number(exact(value), source), rows[0].since, None)
    if isinstance(term, Table) and isinstance(value, list):
        pairs = zip(term.cuts, value, strict=True)
        cuts = tuple(Cut(cut.op, exact(at), exact(points)) for cut, (at, points) in pairs)
        return Row(Table(cuts, term.otherwise, source), rows[0].since, None)
    raise InvalidInput(f"{term.source.param}: a draft gives a number, or the steps of a table")
