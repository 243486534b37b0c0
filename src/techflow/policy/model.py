"""What a policy is: plain frozen records, no behaviour.

Truth nodes answer yes, no or unknown: `Condition`, `Flag`, `Listed`, `AnswerOf`, `AllOf`,
`AnyOf`, `Choose`. Points nodes give a number from a table: `Steps`, `Given`, `Judged`, `Fixed`,
`Sum`, `BestOf`, `LeastOf`, `Case`. Measures (see `measures`) are what a firm has. Every number of
law is the name of a parameter in `params.toml`; a literal in a rule is an error.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from techflow.policy.measures import Measure
from techflow.policy.params import TEXT, Codes, Mark, Number, Table

Op = Literal[">=", ">", "<=", "<", "=="]


@dataclass(frozen=True, slots=True)
class Condition:
    """`measure op bound`: one legal test; the bound is a parameter, or steps that give it."""

    name: str
    measure: "Measure | Points"
    op: Op
    bound: "str | Number | Steps"


@dataclass(frozen=True, slots=True)
class Flag:
    """A yes-or-no fact that must be `expected`."""

    name: str
    fact: str
    clause: str
    expected: bool = True
    mark: Mark = TEXT


@dataclass(frozen=True, slots=True)
class Listed:
    """A code that must be on a dated list; with `prefix`, or lie below an entry of it."""

    name: str
    fact: str
    codes: str | Codes
    prefix: bool = False
    expected: bool = True


@dataclass(frozen=True, slots=True)
class AnswerOf:
    """The answer of another policy on the same day."""

    name: str
    policy_id: str
    clause: str
    mark: Mark = TEXT


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part must hold."""

    name: str
    parts: tuple["Truth", ...]
    clause: str = ""


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One part is enough: alternatives and exceptions."""

    name: str
    parts: tuple["Truth", ...]
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Choose:
    """A carve-out: `then` where `when` holds, else `otherwise`.

    If `when` is unknown but both branches agree, their answer stands.
    """

    name: str
    when: "Truth"
    then: "Truth"
    otherwise: "Truth"
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Steps:
    """Points by the bracket a measure falls in; the table is a parameter with `steps`."""

    name: str
    measure: Measure
    table: str | Table


@dataclass(frozen=True, slots=True)
class Given:
    """Points if a test holds, else zero."""

    name: str
    when: "Truth"
    points: str | Number


@dataclass(frozen=True, slots=True)
class Judged:
    """Points a person gave: a fact of kind `points`, valid from zero to the most allowed."""

    name: str
    fact: str
    most: str | Number


@dataclass(frozen=True, slots=True)
class Fixed:
    """The same points for all."""

    name: str
    points: str | Number


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of points, at most `cap`."""

    name: str
    parts: tuple["Points", ...]
    cap: str | Number | None = None


@dataclass(frozen=True, slots=True)
class BestOf:
    """The highest of several points: the firm chooses."""

    name: str
    parts: tuple["Points", ...]


@dataclass(frozen=True, slots=True)
class LeastOf:
    """The lowest of several points: all must support the class."""

    name: str
    parts: tuple["Points", ...]


@dataclass(frozen=True, slots=True)
class Case:
    """The points of `then` where `when` holds, else of `otherwise`."""

    name: str
    when: "Truth"
    then: "Points"
    otherwise: "Points"


Truth = Condition | Flag | Listed | AnswerOf | AllOf | AnyOf | Choose
Points = Steps | Given | Judged | Fixed | Sum | BestOf | LeastOf | Case
TRUTHS = (Condition, Flag, Listed, AnswerOf, AllOf, AnyOf, Choose)
POINTS = (Steps, Given, Judged, Fixed, Sum, BestOf, LeastOf, Case)


@dataclass(frozen=True, slots=True)
class Value:
    """An outcome that is a number from a table: a rate, a score, a class by its `labels`.

    Attributes:
        name: Column of the outcome, unit last (`compensation_share`, `risk_class`).
        zh: Chinese label.
        en: English label.
        points: Where the number comes from.
        labels: Pairs of number (as text) and code, if the outcome is a class; else empty.
    """

    name: str
    zh: str
    en: str
    points: Points
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Amount:
    """An outcome in money: `base x rate`, at most `cap`, rounded half up to the fen.

    With `split`, what of the base lies above it takes `rate_above` instead, as in graduated fees.
    Zero where the policy says no, null where it says unknown or `base` is negative or null.
    """

    name: str
    zh: str
    en: str
    base: str
    rate: Points
    cap: Points | None = None
    split: str | Number | None = None
    rate_above: Points | None = None


Outcome = Value | Amount


@dataclass(frozen=True, slots=True)
class Version:
    """The text of a policy, in force from `since` until `until` or the next version.

    Attributes:
        since: First day in force.
        document: Issuer's number of the text, as cited.
        test: Who qualifies; None if the policy only has outcomes.
        outcomes: What follows: rates, classes, amounts.
        until: First day no longer in force; None if the next version, or nothing, ends it.
        mark: How sure we are of the document's number and day.
    """

    since: date
    document: str
    test: Truth | None = None
    outcomes: tuple[Outcome, ...] = ()
    until: date | None = None
    mark: Mark = TEXT


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy's register entry and its versions, oldest first.

    Attributes:
        id: The folder below `policies`, with dots: `cn.tech_sme`.
        zh: Chinese title.
        en: English title.
        issuer: Who issued it.
        versions: Its texts.
        official: False for a scheme of our own or one whose table is not public.
    """

    id: str
    zh: str
    en: str
    issuer: str
    versions: tuple[Version, ...]
    official: bool = True
