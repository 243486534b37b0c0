"""Groups of firms of which a figure may be shown, now and after an earlier page."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from techflow.basics import Floats, InvalidInput

OTHER = "(other)"
"""Name of the group of fields that are too small by themselves."""


class Group(NamedTuple):
    """Firms shown together.

    Attributes:
        name: The field, or `OTHER`.
        fields: Fields in it.
        firms: Ids in order.
        amounts: Their amounts, shape (firms, columns).
    """

    name: str
    fields: frozenset[str]
    firms: tuple[str, ...]
    amounts: Floats


class Entry(NamedTuple):
    """A firm's part in a figure.

    Attributes:
        firm: Id.
        field: Its field.
        amounts: Its amounts.
    """

    firm: str
    field: str
    amounts: tuple[float, ...]


def form_groups(
    now: Sequence[Entry],
    *,
    firms_n_min: int,
    changed_n_min: int = 0,
    before: Sequence[Group] = (),
) -> list[Group]:
    """Groups fit to be shown; the totals of a page are over just these.

    Fields of fewer than `firms_n_min` firms stand together as `OTHER`, or nowhere if they are
    too few even so. Nothing else is in any total, so no subtraction finds them. Against an
    earlier page: a group is left out if fewer than `changed_n_min` firms, but at least one, make
    the difference; fields that stood together then stay together; and fields that stood alone
    then are never put together with hidden ones.

    Args:
        now: One entry per firm.
        firms_n_min: Fewest firms of a group, 1 or more.
        changed_n_min: Fewest firms behind a difference, 0 or more.
        before: Result for the earlier page, of the same figure.

    Returns:
        Groups by name, `OTHER` last.

    Raises:
        InvalidInput: A minimum is too small, or a field is named like the group of others.

    Source:
        Threshold rule and differencing: Hundepool et al., Handbook on Statistical Disclosure
        Control (2nd edition, 2024), chapter 4. Leaving hidden firms out of totals: proposal.

    Examples:
        >>> rows = [Entry(f"a{k}", "chips", (1.0,)) for k in range(5)]
        >>> rows += [Entry(f"b{k}", "ships", (1.0,)) for k in range(4)]
        >>> [group.name for group in form_groups(rows, firms_n_min=5)]
        ['chips']
    """
    if firms_n_min < 1 or changed_n_min < 0:
        raise InvalidInput(
            f"firms_n_min must be 1 or more, changed_n_min 0 or more; got {firms_n_min}, "
            f"{changed_n_min}"
        )
    by_field: dict[str, list[Entry]] = defaultdict(list)
    for entry in sorted(now):
        by_field[entry.field].append(entry)
    if OTHER in by_field:
        raise InvalidInput(f"no field may be named {OTHER!r}: it names the small ones together")
    earlier = {group.name: group for group in before}
    kept = earlier[OTHER].fields if OTHER in earlier else frozenset()
    pooled = {name for name, rows in by_field.items() if len(rows) < firms_n_min} | (
        kept & by_field.keys()
    )
    alone = [_group(name, {name: by_field[name]}) for name in sorted(by_field.keys() - pooled)]
    rest = _group(OTHER, {name: by_field[name] for name in sorted(pooled)})
    fit = len(rest.firms) >= firms_n_min and (
        rest.fields == kept if kept else not rest.fields & earlier.keys()
    )
    groups = [*alone, rest] if fit else alone
    return [g for g in groups if _unlike(g, earlier.get(g.name), changed_n_min)]


def _group(name: str, parts: Mapping[str, Sequence[Entry]]) -> Group:
    rows = sorted(entry for entries in parts.values() for entry in entries)
    width = len(rows[0].amounts) if rows else 0
    amounts = np.array([row.amounts for row in rows], float).reshape(len(rows), width)
    return Group(name, frozenset(parts), tuple(row.firm for row in rows), amounts)


def _unlike(now: Group, before: Group | None, changed_n_min: int) -> bool:
    """Whether no firm, or enough of them, make the difference from the earlier group."""
    if before is None:
        return True
    atoms = [set(zip(g.firms, map(tuple, g.amounts.tolist()), strict=True)) for g in (now, before)]
    changed = {firm for firm, _ in atoms[0] ^ atoms[1]}
    return not changed or len(changed) >= changed_n_min


def pair_groups(groups: Sequence[Group], before: Sequence[Group]) -> list[Group]:
    """Groups that may be shown at both times, their amounts side by side.

    Args:
        groups: Groups now.
        before: Groups earlier.

    Returns:
        One row per firm of either: amounts now, then before; 0 where it is not there.

    Examples:
        >>> one = Group("a", frozenset("a"), ("x", "y"), np.array([[1.0], [2.0]]))
        >>> pair_groups([one], [one._replace(firms=("y", "z"))])[0].amounts.tolist()
        [[1.0, 0.0], [2.0, 1.0], [0.0, 2.0]]
    """
    earlier = {(group.name, group.fields): group for group in before}
    pairs = [(group, earlier.get((group.name, group.fields))) for group in groups]
    return [_merge(now, was) for now, was in pairs if was]


def _merge(now: Group, before: Group) -> Group:
    firms = sorted({*now.firms, *before.firms})
    place = {firm: k for k, firm in enumerate(firms)}
    width = now.amounts.shape[1]
    made = np.zeros((len(firms), 2 * width))
    made[[place[f] for f in now.firms], :width] = now.amounts
    made[[place[f] for f in before.firms], width:] = before.amounts
    return now._replace(firms=tuple(firms), amounts=made)
