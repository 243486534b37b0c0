"""Whole fen shared out so that the parts always add to the whole: largest remainder."""

from collections.abc import Sequence

from techflow.basics import InvalidInput


def apportion(amount_fen: int, weights: Sequence[int]) -> list[int]:
    """Parts of an amount in proportion to weights, none off by a fen or more, adding to it.

    Each part is first rounded down; the fen left go to the largest remainders, one each, and
    among equal remainders to the earlier part.

    Args:
        amount_fen: Whole hundredths, 0 or more.
        weights: Whole, 0 or more, not all 0.

    Raises:
        InvalidInput: An amount or weight is below 0, or all weights are 0.

    Source:
        Hamilton's method of apportionment: Balinski and Young (2001), Fair Representation.

    Examples:
        >>> apportion(101, [40, 20, 20, 20])
        [41, 20, 20, 20]
        >>> apportion(2, [1, 1, 1])
        [1, 1, 0]
    """
    total = sum(weights)
    if amount_fen < 0 or total <= 0 or min(weights) < 0:
        raise InvalidInput(
            f"amount and weights must be 0 or more, and one weight above 0; got {amount_fen}, "
            f"{list(weights)}"
        )
    parts = [amount_fen * weight // total for weight in weights]
    remainders = [amount_fen * weight % total for weight in weights]
    order = sorted(range(len(weights)), key=lambda j: (-remainders[j], j))
    for j in order[: amount_fen - sum(parts)]:
        parts[j] += 1
    return parts


def recover(amount_fen: int, still_fen: Sequence[int], ranks: Sequence[int]) -> list[int]:
    """What each party gets of a recovery: ranks in turn, inside a rank by what each still bears.

    Args:
        amount_fen: What came in, after costs.
        still_fen: What each party still bears of the loss.
        ranks: Rank of each party, from 0; rank 0 is made whole first.

    Returns:
        A part for each party, never above what it still bears; they add to the amount, or to
        all that is still borne if that is less.

    Examples:
        >>> recover(50, [40, 20, 40], [0, 1, 0])
        [25, 0, 25]
        >>> recover(85, [40, 20, 40], [0, 1, 0])
        [40, 5, 40]
    """
    got = [0] * len(still_fen)
    for rank in range(max(ranks) + 1):
        still = [fen if own == rank else 0 for fen, own in zip(still_fen, ranks, strict=True)]
        take = min(amount_fen, sum(still))
        if take > 0:
            got = [a + b for a, b in zip(got, apportion(take, still), strict=True)]
            amount_fen -= take
    return got
