"""A book of loans through a scheme: rows checked, shares by loan, then events in time."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from techflow.basics import Frame
from techflow.pool import (
    Events,
    Flows,
    Loans,
    Rules,
    Scheme,
    build_rules,
    check_rows,
    split_by_loan,
    split_stream_plain,
)
from techflow.pool.timeline import Dated, Timeline, loans_of, order_events

Integers = NDArray[np.int64]
Splitter = Callable[[Loans, Events, Rules], Flows]


class Split(NamedTuple):
    """A book split.

    Attributes:
        loans: The book as arrays.
        timeline: Its events.
        rules: Bounds of the scheme over it.
        flows: Who pays what of each event.
    """

    loans: Loans
    timeline: Timeline
    rules: Rules
    flows: Flows


def prepare_loans(loans: Frame, scheme: Scheme) -> Frame:
    """Shares and caps of each loan, and what is wrong with its row.

    Args:
        loans: See `split_by_loan` and `check_rows`.
        scheme: A settled scheme.

    Raises:
        MissingColumn: A column is absent.
    """
    return check_rows(split_by_loan(loans, scheme), scheme)


def split_book(
    columns: Mapping[str, Integers], scheme: Scheme, *, split: Splitter = split_stream_plain
) -> Split:
    """Who pays what of a book, event by event.

    Args:
        columns: Rows of `prepare_loans` without a problem, ordered by `loan_id`, as whole numbers:
            what `loans_of` needs; `loan_fen`, `in_scope`, `filed_year`; `loss_fen` and
            `recovered_fen` (0 if none), each with `claimed_` and `recovered_` `day` and `year`.
        scheme: A settled scheme.
        split: The kernel, or its twin in plain Python.
    """
    claims = Dated(columns["loss_fen"], columns["claimed_day"], columns["claimed_year"])
    back = Dated(columns["recovered_fen"], columns["recovered_day"], columns["recovered_year"])
    line = order_events(claims, back, columns["filed_year"])
    loans = loans_of(columns, scheme, columns["filed_year"] - line.first_year)
    filed = columns["loan_fen"] * columns["in_scope"]
    rules = build_rules(scheme, loans, filed, years_n=line.years_n)
    return Split(loans, line, rules, split(loans, line.events, rules))
