"""Short words for writing a rule: what an author of a policy folder calls."""

from techflow.policy.model import (
    AllOf,
    AnyOf,
    BestOf,
    Flag,
    LeastOf,
    Points,
    Sum,
    Truth,
)
from techflow.policy.params import TEXT, Mark


def all_of(name: str, *parts: Truth, clause: str = "") -> AllOf:
    """Every part must hold.

    Args:
        name: Name of the compound; becomes `ok_<name>`.
        *parts: Two or more tests.
        clause: Where the text says so.
    """
    return AllOf(name, parts, clause)


def any_of(name: str, *parts: Truth, clause: str = "") -> AnyOf:
    """One part is enough.

    Args:
        name: Name of the compound; becomes `ok_<name>`.
        *parts: Two or more tests.
        clause: Where the text says so.
    """
    return AnyOf(name, parts, clause)


def holds(fact: str, clause: str, *, mark: Mark = TEXT) -> Flag:
    """The fact must be true; the condition carries its name.

    Args:
        fact: A fact of kind `flag`.
        clause: Clause within the version's document.
        mark: How sure we are of the clause.
    """
    return Flag(fact, fact, clause, True, mark)


def free_of(fact: str, clause: str, *, mark: Mark = TEXT) -> Flag:
    """The fact must be false; the condition is named `no_<fact>`.

    Args:
        fact: A fact of kind `flag`.
        clause: Clause within the version's document.
        mark: How sure we are of the clause.
    """
    return Flag(f"no_{fact}", fact, clause, False, mark)


def total_points(name: str, *parts: Points, cap: str | None = None) -> Sum:
    """The sum of points, at most the parameter `cap`.

    Args:
        name: Name of the score.
        *parts: Its items.
        cap: Parameter with the most points, or None.
    """
    return Sum(name, parts, cap)


def best_of(name: str, *parts: Points) -> BestOf:
    """The highest of several points.

    Args:
        name: Name of the item.
        *parts: What the firm may choose from.
    """
    return BestOf(name, parts)


def least_of(name: str, *parts: Points) -> LeastOf:
    """The lowest of several points.

    Args:
        name: Name of the item.
        *parts: What is compared.
    """
    return LeastOf(name, parts)
