"""Limits on what long-term capital may hold, as rows that any allocation can be held against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from techflow.basics import Floats, InvalidInput


@dataclass(frozen=True, slots=True)
class Asset:
    """A kind of asset.

    Attributes:
        id: Its name.
        groups: Groups that limits speak of, such as `equity`.
        risk_factor: Capital an insurer holds against one unit; None if not known.
    """

    id: str
    groups: frozenset[str]
    risk_factor: float | None


class Limits(NamedTuple):
    """Weights may be `upper` at most each, and `loads @ weights <= most`; they sum to 1.

    Attributes:
        names: What each row says, such as `equity <= 0.3`.
        loads: Shape (rows, assets).
        most: Shape (rows,).
        upper: Shape (assets,), 0 where an asset may not be held.
    """

    names: tuple[str, ...]
    loads: Floats
    most: Floats
    upper: Floats


def build_limits(
    assets: Sequence[Asset],
    *,
    at_most: Mapping[str, float],
    at_least: Mapping[str, float],
    capital_share_max: float | None = None,
) -> Limits:
    """Limits of a holder over assets.

    Args:
        assets: Kinds of assets, in the order of the weights.
        at_most: Group -> largest share of all. 0 forbids the group.
        at_least: Group -> smallest share of all.
        capital_share_max: Most capital for the risk of assets, as a share of them; None for no
            such limit. Charges are added up without diversification, which errs on the safe side.

    Raises:
        InvalidInput: A share is out of [0, 1], or an asset needs a risk factor that is not known.

    Examples:
        >>> assets = [Asset("bond", frozenset(), 0.0), Asset("star", frozenset({"equity"}), 0.4)]
        >>> how = dict(at_most={"equity": 0.3}, at_least={}, capital_share_max=0.1)
        >>> found = build_limits(assets, **how)
        >>> found.names, found.loads.tolist(), found.most.tolist()
        (('equity <= 0.3', 'capital <= 0.1'), [[0.0, 1.0], [0.0, 0.4]], [0.3, 0.1])
    """
    shares = [*at_most.values(), *at_least.values()]
    if not all(0.0 <= share <= 1.0 for share in shares):
        raise InvalidInput(f"limits are shares in [0, 1]; got {dict(at_most)}, {dict(at_least)}")
    rows = [(f"{g} <= {s:g}", _members(assets, g), s) for g, s in at_most.items()]
    rows += [(f"{g} >= {s:g}", -_members(assets, g), -s) for g, s in at_least.items()]
    if capital_share_max is not None:
        rows.append((f"capital <= {capital_share_max:g}", _charges(assets), capital_share_max))
    banned = {group for group, share in at_most.items() if share == 0.0}
    return Limits(
        tuple(name for name, _, _ in rows),
        np.array([load for _, load, _ in rows]).reshape(len(rows), len(assets)),
        np.array([most for _, _, most in rows]),
        np.array([0.0 if asset.groups & banned else 1.0 for asset in assets]),
    )


def _members(assets: Sequence[Asset], group: str) -> Floats:
    return np.array([float(group in asset.groups) for asset in assets])


def _charges(assets: Sequence[Asset]) -> Floats:
    unknown = [asset.id for asset in assets if asset.risk_factor is None]
    if unknown:
        raise InvalidInput(
            f"a limit on capital needs a risk factor of each asset; unknown for {unknown}: leave "
            "them out or write the factor into the content"
        )
    return np.array([asset.risk_factor for asset in assets], dtype=np.float64)
