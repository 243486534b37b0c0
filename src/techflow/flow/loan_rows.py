"""Rows of numbers for kernels: each is in its bounds, or has one reason why it is not priced."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Floats, MissingColumn

Columns = Mapping[str, Floats]
"""Columns of one length; NaN is unknown, minus infinity is what could not be read."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What a number may be.

    Attributes:
        name: Column.
        zh: What it is, Chinese.
        en: What it is, English.
        low: Least value.
        high: Greatest value.
        above: True excludes the least value.
        below: True excludes the greatest value.
        default: Taken where unknown or without a column; None: the column must be there.
    """

    name: str
    zh: str
    en: str
    low: float
    high: float
    above: bool = False
    below: bool = False
    default: float | None = None

    def admits(self, values: Floats) -> NDArray[np.bool_]:
        """Whether each value is inside; unknown is not."""
        low = values > self.low if self.above else values >= self.low
        high = values < self.high if self.below else values <= self.high
        return np.asarray(low & high & (values > -np.inf), np.bool_)


@dataclass(slots=True)
class Screen:
    """Rows and the first fault of each.

    Attributes:
        values: Columns with defaults filled in.
        fault: Place in `reasons` of each row's first fault, -1 for none.
        reasons: Code, Chinese and English text of every fault seen.
    """

    values: dict[str, Floats]
    fault: NDArray[np.int64]
    reasons: list[tuple[str, str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, columns: Columns, bounds: Sequence[Bound]) -> "Screen":
        """Judge every row by every bound.

        Args:
            columns: At least one column.
            bounds: In the order in which faults are told.

        Raises:
            MissingColumn: A column without default is absent.

        Examples:
            >>> bound = Bound("lgd", "违约损失率", "LGD", 0.0, 1.0)
            >>> Screen.of({"lgd": np.array([0.4, 1.4])}, [bound]).told()["reason_code"]
            [None, 'lgd_unknown']
        """
        absent = [b.name for b in bounds if b.default is None and b.name not in columns]
        if absent:
            raise MissingColumn(
                f"the file needs the column {', '.join(absent)}; got {', '.join(columns)}"
            )
        rows_n = next(iter(columns.values())).size
        screen = cls({}, np.full(rows_n, -1))
        for bound in bounds:
            given = columns.get(bound.name, np.full(rows_n, np.nan))
            if bound.default is not None:
                given = np.where(np.isnan(given), bound.default, given)
            screen.values[bound.name] = given
            screen.mark_unknown(~bound.admits(given), bound.name, bound.zh, bound.en)
        return screen

    def mark_unknown(self, rows: NDArray[np.bool_], name: str, zh: str, en: str) -> None:
        """Give rows without a fault the fault that a number is unknown or out of range."""
        words = f"{zh}未知或超出范围", f"{en} unknown or out of range"
        self.mark(rows, f"{name}_unknown", *words)

    def mark(self, rows: NDArray[np.bool_], code: str, zh: str, en: str) -> None:
        """Give rows without a fault this one."""
        self.fault = np.where(rows & (self.fault < 0), len(self.reasons), self.fault)
        self.reasons.append((code, zh, en))

    @property
    def fine(self) -> NDArray[np.bool_]:
        """Rows without a fault."""
        return np.asarray(self.fault < 0, np.bool_)

    def take(self, name: str) -> Floats:
        """A column, rows without a fault only."""
        return self.values[name][self.fine]

    def place(self, values: Floats) -> Floats:
        """Numbers of the rows without a fault, NaN for the others."""
        found = np.full(self.fault.size, np.nan)
        found[self.fine] = values
        return found

    def told(self) -> dict[str, list[str | None]]:
        """Reason of each row: code, Chinese, English; None for none."""
        names = ("reason_code", "reason_zh", "reason_en")
        table = [*self.reasons, (None, None, None)]
        return {name: [table[i][k] for i in self.fault] for k, name in enumerate(names)}
