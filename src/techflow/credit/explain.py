"""Reasons in words: the features that moved a firm, its number, and the typical one."""

from collections.abc import Callable, Sequence
from functools import reduce
from operator import add

import narwhals.stable.v2 as nw

from techflow.basics import Frame
from techflow.credit.card import Card, Feature

SHOWN_MAX = 1e12
"""Numbers are cut here before they are written out, to stay inside whole numbers."""


def shown(number: nw.Expr) -> nw.Expr:
    """A number as text with one decimal, the same on every engine.

    Args:
        number: float64; null gives null.
    """
    tenths = (number.clip(-SHOWN_MAX, SHOWN_MAX) * 10.0).round(0).cast(nw.Int64)
    size = nw.when(tenths < 0).then(-tenths).otherwise(tenths)
    minus = nw.when(tenths < 0).then(nw.lit("-")).otherwise(nw.lit(""))
    return nw.concat_str(
        minus, (size // 10).cast(nw.String), nw.lit("."), (size % 10).cast(nw.String)
    )


def _rank(index: int, sizes: Sequence[nw.Expr]) -> nw.Expr:
    """How many parts are larger than part `index`; ties go to the earlier feature."""
    own = sizes[index]
    ahead = [
        (size >= own if j < index else size > own).cast(nw.Int64)
        for j, size in enumerate(sizes)
        if j != index
    ]
    return reduce(add, ahead, nw.lit(0))


def explain_firms(scored: Frame, card: Card, *, top_n: int = 3) -> Frame:
    """Name the features that moved each firm most, largest first, in full sentences.

    Args:
        scored: Result of `score_firms` with the same card.
        card: The card.
        top_n: How many reasons, 1 or more.

    Returns:
        The same rows plus, for k from 1 to `top_n`, `reason_<k>_feature`, `reason_<k>_part`
        (log-odds), `reason_<k>_zh`, `reason_<k>_en`; null where the firm is not scored or
        nothing further moved it.
    """
    parts = [nw.col(f"part_{f.name}") for f in card.features]
    sizes = [part.abs() for part in parts]
    ranks = {f"rank_{f.name}": _rank(i, sizes) for i, f in enumerate(card.features)}
    ranked = scored.with_columns(**ranks)
    for k in range(1, top_n + 1):
        ranked = _add_reason(ranked, card.features, k)
    return ranked.drop(list(ranks))


def _add_reason(ranked: Frame, features: Sequence[Feature], k: int) -> Frame:
    """Add the four columns of the k-th reason."""

    def pick(answer: Callable[[Feature], nw.Expr]) -> nw.Expr:
        chosen = ((nw.col(f"rank_{f.name}") == k - 1) & (_part(f) != 0.0) for f in features)
        return nw.coalesce(
            *(nw.when(test).then(answer(f)) for test, f in zip(chosen, features, strict=True))
        )

    prefix = f"reason_{k}_"
    picked = ranked.with_columns(
        **{
            f"{prefix}feature": pick(lambda f: nw.lit(f.name)),
            f"{prefix}part": pick(_part),
            "x_zh": pick(lambda f: shown(f.value * f.show.scale_zh)),
            "x_en": pick(lambda f: shown(f.value * f.show.scale_en)),
            "typical": pick(lambda f: nw.lit(f.typical)),
            "x": pick(lambda f: f.value),
            "head_zh": pick(lambda f: nw.lit(f.label.zh)),
            "head_en": pick(lambda f: nw.lit(f.label.en)),
            "unit_zh": pick(lambda f: nw.lit(f.show.unit_zh)),
            "unit_en": pick(lambda f: nw.lit(f.show.unit_en)),
            "typical_zh": pick(lambda f: nw.lit(f"{f.typical * f.show.scale_zh:.1f}")),
            "typical_en": pick(lambda f: nw.lit(f"{f.typical * f.show.scale_en:.1f}")),
        }
    )
    worded = picked.with_columns(**{f"{prefix}zh": _sentence_zh(k), f"{prefix}en": _sentence_en(k)})
    return worded.drop(_SCRATCH)


_SCRATCH = [
    *("x", "typical", "x_zh", "x_en", "head_zh", "head_en", "unit_zh", "unit_en"),
    *("typical_zh", "typical_en"),
]


def _part(feature: Feature) -> nw.Expr:
    return nw.col(f"part_{feature.name}")


def _either(test: nw.Expr, yes: str, no: str) -> nw.Expr:
    return nw.when(test).then(nw.lit(yes)).otherwise(nw.lit(no))


def _sentence_zh(k: int) -> nw.Expr:
    number = nw.concat_str(
        nw.lit("为 "), nw.col("x_zh"), nw.col("unit_zh"), _compare("，高于", "，低于", "，等于"),
        nw.lit("典型企业的 "), nw.col("typical_zh"), nw.col("unit_zh"),
    )  # fmt: skip
    told = nw.coalesce(number, nw.lit("未知"))
    raises = _either(nw.col(f"reason_{k}_part") > 0, "，推高风险", "，降低风险")
    return nw.concat_str(nw.col("head_zh"), told, raises)


def _sentence_en(k: int) -> nw.Expr:
    number = nw.concat_str(
        nw.lit(" is "), nw.col("x_en"), nw.col("unit_en"),
        _compare(", above the typical ", ", below the typical ", ", equal to the typical "),
        nw.col("typical_en"), nw.col("unit_en"),
    )  # fmt: skip
    told = nw.coalesce(number, nw.lit(" is unknown"))
    raises = _either(nw.col(f"reason_{k}_part") > 0, ": raises the risk", ": lowers the risk")
    return nw.concat_str(nw.col("head_en"), told, raises)


def _compare(above: str, below: str, equal: str) -> nw.Expr:
    """Which of the three words fits; null where the number is unknown."""
    x, typical = nw.col("x"), nw.col("typical")
    return nw.coalesce(
        nw.when(x > typical).then(nw.lit(above)),
        nw.when(x < typical).then(nw.lit(below)),
        nw.when(x == typical).then(nw.lit(equal)),
    )
