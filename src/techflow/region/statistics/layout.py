"""Published cells as sums of parts that nobody sees: what an attacker can reckon with."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats

Categories = Mapping[str, frozenset[str]]
"""Category -> the flags of a loan, any of which puts it there."""
TOTAL = "total"
"""Dimension of the totals."""
Pattern = frozenset[str]
"""The flags of a loan that are true."""


class Layout(NamedTuple):
    """All cells of one period.

    Attributes:
        names: (category, dimension, level) of each cell; those of `hidden` cells are
            ("B - A", dimension, level) and are never shown.
        cells: Which parts each cell adds up, shape (cells, parts), 0 or 1.
        hidden: Which cells are differences of nested categories, or of a category and its published
            overlap, shape (cells,).
        ties: Sums of parts that are 0 for anyone who knows the tables, shape (ties, parts).
        parts: (pattern, dimension, level) of each part.
    """

    names: tuple[tuple[str, str, str], ...]
    cells: Floats
    hidden: NDArray[np.bool_]
    ties: Floats
    parts: tuple[tuple[Pattern, str, str], ...]


def lay_out(
    patterns: Sequence[Pattern],
    categories: Categories,
    levels: Mapping[str, Sequence[str]],
    *,
    overlaps: Sequence[tuple[str, str]] = (),
) -> Layout:
    """Cells of every category by every dimension, their totals, and hidden differences.

    A part is a pattern of flags at one level of one dimension. Each loan lies in one part of each
    dimension, so the parts of a pattern have the same sum in all dimensions (`ties`). What can be
    derived from overlapping categories and from several breakdowns of one total is a sum of parts.

    Args:
        patterns: Patterns that occur.
        categories: What is published.
        levels: Dimension -> its levels; one at least.
        overlaps: Pairs of categories of which the loans in both are published, in total.

    Returns:
        The layout. A nested pair is one whose flags are nested by definition.

    Examples:
        >>> nested = {"b": frozenset("xy"), "a": frozenset("x")}
        >>> found = lay_out([frozenset("x"), frozenset("y")], nested, {"region": ["1", "2"]})
        >>> [name for name, hidden in zip(found.names, found.hidden) if hidden]
        [('b - a', 'total', ''), ('b - a', 'region', '1'), ('b - a', 'region', '2')]
        >>> found.cells.shape, found.ties.shape
        ((9, 4), (0, 4))
    """
    parts = tuple(
        (p, dim, level) for dim, names in levels.items() for level in names for p in patterns
    )
    held = {
        name: np.array([bool(p & flags) for p, *_ in parts]) for name, flags in categories.items()
    }
    nested = {
        f"{outer} - {inner}": held[outer] & ~held[inner]
        for outer, whole in categories.items()
        for inner, part in categories.items()
        if part < whole
    }
    dims = np.array([dim for _, dim, _ in parts])
    steps = np.array([level for *_, level in parts])
    first = dims == next(iter(levels))
    places = [(TOTAL, "", first)] + [
        (dim, level, (dims == dim) & (steps == level))
        for dim, names in levels.items()
        for level in names
    ]
    wanted = {**held, **nested}
    names = tuple((name, dim, level) for name in wanted for dim, level, _ in places)
    cells = np.array([inside & here for inside in wanted.values() for *_, here in places], float)
    hidden = np.array([name in nested for name, *_ in names])
    # Who reads an overlap beside the category knows the loans of the category alone.
    crossed = {f"{a} & {b}": held[a] & held[b] for a, b in overlaps}
    alone = {
        f"{name} - {pair}": held[name] & ~inside
        for (pair, inside), names_ in zip(crossed.items(), overlaps, strict=True)
        for name in names_
    }
    more = {**crossed, **alone}
    names += tuple((name, TOTAL, "") for name in more)
    rows = np.array([inside & first for inside in more.values()], float)
    cells = np.vstack([cells, rows.reshape(len(more), len(parts))])
    hidden = np.append(hidden, [name in alone for name in more]).astype(bool)
    return Layout(names, cells, hidden, _ties(parts, patterns, list(levels)), parts)


def _ties(
    parts: Sequence[tuple[Pattern, str, str]], patterns: Sequence[Pattern], dims: Sequence[str]
) -> Floats:
    rows = [
        [(p == own) * ((dim == dims[0]) - 1.0 * (dim == other)) for p, dim, _ in parts]
        for other in dims[1:]
        for own in patterns
    ]
    return np.array(rows, float).reshape(len(rows), len(parts))
