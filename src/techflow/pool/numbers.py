"""Numbers of a scheme: named in a policy, or said by the scheme itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from techflow.basics import InvalidInput

PPM = 1_000_000
"""Shares are whole millionths, so that a share of whole fen is a whole number of steps."""
FEN_MOST = 9_000_000_000_000
"""Largest loss, in fen: times a share in millionths it still fits in 64 bits."""
MARKS = ("text", "unverified", "proposal")


@dataclass(frozen=True, slots=True)
class Ref:
    """A parameter of the policy library: the one source of the number."""

    policy: str
    param: str


@dataclass(frozen=True, slots=True)
class Cut:
    """One bracket: `measure op at` gives `gives`, if no bracket before it did."""

    op: str
    at: Fraction
    gives: Fraction


@dataclass(frozen=True, slots=True)
class Said:
    """A number, brackets or codes with who says so.

    Attributes:
        value: The number; what remains, if there are brackets.
        unit: `share`, `cny`, `usd`, `day`, ...
        reference: Document and clause.
        mark: `text`, `unverified 0.9` or `proposal`.
        ref: The parameter it came from; None if the scheme says it.
        cuts: Brackets; empty for a plain number.
        codes: Codes; empty for a number.
        since: First day of the value, if it came from a policy.
    """

    value: Fraction
    unit: str
    reference: str
    mark: str
    ref: Ref | None = None
    cuts: tuple[Cut, ...] = ()
    codes: tuple[str, ...] = ()
    since: date | None = None

    @property
    def least(self) -> Fraction:
        """The least it can give."""
        return min(self.value, *(cut.gives for cut in self.cuts)) if self.cuts else self.value

    @property
    def most(self) -> Fraction:
        """The most it can give."""
        return max(self.value, *(cut.gives for cut in self.cuts)) if self.cuts else self.value


Slot = Ref | Said
"""A number as written in a scheme; after settling all are `Said`."""


def read_slot(where: str, spec: Any, policy: str) -> Slot:
    """A number of `scheme.toml`.

    Args:
        where: Scheme and key, for messages.
        spec: `{param, policy}` (the policy of the scheme if left out), or `{value, unit,
            reference, status}` for what no policy states.
        policy: Policy of the scheme.

    Raises:
        InvalidInput: Neither form, or a key is missing.

    Examples:
        >>> read_slot("x: share", {"param": "loss_rate"}, "cn.demo")
        Ref(policy='cn.demo', param='loss_rate')
    """
    if not isinstance(spec, Mapping) or ("param" in spec) == ("value" in spec):
        raise InvalidInput(
            f"{where} must be {{ param = ... }} of a policy or {{ value, unit, reference, "
            f"status }}; got {spec!r}"
        )
    if "param" in spec:
        return Ref(spec.get("policy", policy), spec["param"])
    absent = [key for key in ("unit", "reference", "status") if not spec.get(key)]
    if absent:
        raise InvalidInput(f"{where}: a number of the scheme's own lacks {', '.join(absent)}")
    if str(spec["status"]).partition(" ")[0] not in MARKS:
        raise InvalidInput(f"{where}: status is one of {MARKS}; got {spec['status']!r}")
    return Said(_exact(where, spec["value"]), spec["unit"], spec["reference"], spec["status"])


def _exact(where: str, value: Any) -> Fraction:
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
            raise ValueError
        text = str(value).strip()
        return Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)
    except ValueError:
        raise InvalidInput(f"{where} must be a number or text such as '4%'; got {value!r}") from (
            None
        )


def to_ppm(where: str, share: Fraction) -> int:
    """A share as whole millionths.

    Args:
        where: Scheme and key, for messages.
        share: The share.

    Raises:
        InvalidInput: Outside [0, 1], or finer than a millionth.

    Examples:
        >>> to_ppm("x", Fraction(3, 10))
        300000
    """
    ppm = share * PPM
    if not 0 <= share <= 1 or ppm.denominator != 1:
        raise InvalidInput(
            f"{where} must be in [0 %, 100 %] and whole millionths; got {float(share):%}; "
            "let one layer take the `rest` of shares such as thirds"
        )
    return int(ppm)


def to_fen(where: str, amount: Fraction) -> int:
    """An amount of money in hundredths, whole.

    Args:
        where: Scheme and key, for messages.
        amount: In yuan or dollars.

    Raises:
        InvalidInput: Below zero, or finer than a hundredth.

    Examples:
        >>> to_fen("x", Fraction(3_000_000))
        300000000
    """
    fen = amount * 100
    if fen < 0 or fen.denominator != 1:
        raise InvalidInput(f"{where} must be 0 or more, in whole fen; got {float(amount):,}")
    return int(fen)
