"""Reasons in words: the features that moved a firm, its number, and the typical one."""

from collections.abc import Callable, Sequence
from functools import reduce
from operator import add

import narwhals.stable.v2 as nw

from techflow.basics import Frame, require_columns
from techflow.credit.card import Card, Input
from techflow.credit.trees import TreeCard

SHOWN_MAX = 999_999_999.9
"""Numbers are cut here before they are written out."""

WORDS = {
    "zh": {
        "is": " ",
        "above": "，高于典型企业的 ",
        "below": "，低于典型企业的 ",
        "equal": "，等于典型企业的 ",
        "unknown": "未知",
        "raises": "，推高风险",
        "lowers": "，降低风险",
    },
    "en": {
        "is": ": ",
        "above": ", above the typical ",
        "below": ", below the typical ",
        "equal": ", equal to the typical ",
        "unknown": " unknown",
        "raises": "; this raises the risk",
        "lowers": "; this lowers the risk",
    },
}


def explain_firms(scored: Frame, card: Card | TreeCard, *, top_n: int = 3) -> Frame:
    """Name the features that moved each firm most, largest first, in full sentences.

    Args:
        scored: Result of `score_firms` with the same card, or of `score_trees` with `tree_parts`.
        card: The card.
        top_n: How many reasons, 1 or more.

    Returns:
        The same rows plus, for k from 1 to `top_n`, `reason_<k>_feature`, `reason_<k>_part`
        (log-odds), `reason_<k>_zh`, `reason_<k>_en`; null where the firm is not scored or
        nothing further moved it.

    Raises:
        MissingColumn: The frame was not scored with this card.
    """
    require_columns(scored, (f"part_{f.name}" for f in card.features), needed_by="explain_firms")
    sizes = [_part(feature).abs() for feature in card.features]
    ranks = {f"rank_{f.name}": _rank(i, sizes) for i, f in enumerate(card.features)}
    ranked = scored.with_columns(**ranks)
    for k in range(1, top_n + 1):
        ranked = _add_reason(ranked, card.features, k)
    return ranked.drop(list(ranks))


def write_numbers(frame: Frame, names: Sequence[str]) -> Frame:
    """Write numbers as text with one decimal and thousands apart, the same on every engine.

    Each stage is a column of its own: as one expression the SQL would grow with every use.

    Args:
        frame: Any table.
        names: float64 columns; null gives null.

    Returns:
        The same rows plus `<name>_text`.
    """
    stages: list[dict[str, nw.Expr]] = [{}, {}, {}, {}]
    for name in names:
        number = nw.col(name).clip(-SHOWN_MAX, SHOWN_MAX)
        tenths, size = nw.col(f"{name}_tenths"), nw.col(f"{name}_size")
        stages[0][f"{name}_tenths"] = (number * 10.0 + 0.5).floor().cast(nw.Int64)
        stages[1][f"{name}_size"] = nw.when(tenths < 0).then(-tenths).otherwise(tenths)
        stages[2] |= {
            f"{name}_{part}": (size // step % (1000 if step > 1 else 10)).cast(nw.Int64)
            for part, step in _PARTS.items()
        }
        stages[3][f"{name}_text"] = _grouped(name)
    for stage in stages:
        frame = frame.with_columns(**stage)
    return frame.drop(name for stage in stages[:3] for name in stage)


_PARTS = {"millions": 10_000_000, "thousands": 10_000, "ones": 10, "decimal": 1}


def _grouped(name: str) -> nw.Expr:
    """The text of a number that was taken apart."""
    millions, thousands, ones, decimal = (nw.col(f"{name}_{part}") for part in _PARTS)
    minus = nw.when(nw.col(f"{name}_tenths") < 0).then(nw.lit("-")).otherwise(nw.lit(""))
    many, comma = millions > 0, nw.lit(",")
    head = nw.when(many).then(nw.concat_str(_plain(millions), comma, _padded(thousands), comma))
    some = nw.when(thousands > 0).then(nw.concat_str(_plain(thousands), comma))
    last = nw.when(many | (thousands > 0)).then(_padded(ones)).otherwise(_plain(ones))
    return nw.concat_str(
        minus, nw.coalesce(head, some, nw.lit("")), last, nw.lit("."), _plain(decimal)
    )


def _plain(number: nw.Expr) -> nw.Expr:
    return number.cast(nw.String)


def _padded(number: nw.Expr) -> nw.Expr:
    """Three digits."""
    zeros = nw.when(number < 10).then(nw.lit("00")).otherwise(nw.lit("0"))
    padding = nw.when(number < 100).then(zeros).otherwise(nw.lit(""))
    return nw.concat_str(padding, _plain(number))


def _part(feature: Input) -> nw.Expr:
    return nw.col(f"part_{feature.name}")


def _rank(index: int, sizes: Sequence[nw.Expr]) -> nw.Expr:
    """How many parts are larger than part `index`; ties go to the earlier feature."""
    own = sizes[index]
    ahead = [
        (size >= own if j < index else size > own).cast(nw.Int64)
        for j, size in enumerate(sizes)
        if j != index
    ]
    return reduce(add, ahead, nw.lit(0))


def _add_reason(ranked: Frame, features: Sequence[Input], k: int) -> Frame:
    """Add the four columns of the k-th reason."""

    def pick(answer: Callable[[Input], nw.Expr]) -> nw.Expr:
        """The answer for the feature of rank k; a part of zero is no reason."""
        return nw.coalesce(
            *(
                nw.when((nw.col(f"rank_{f.name}") == k - 1) & (_part(f) != 0.0)).then(answer(f))
                for f in features
            )
        )

    found = {f"reason_{k}_feature": pick(lambda f: nw.lit(f.name)), f"reason_{k}_part": pick(_part)}
    said = {
        "said_above": pick(lambda f: f.value - f.typical),
        "said_zh": pick(lambda f: f.value * f.show.scale_zh),
        "said_en": pick(lambda f: f.value * f.show.scale_en),
        "said_label_zh": pick(lambda f: nw.lit(f.label.zh)),
        "said_label_en": pick(lambda f: nw.lit(f.label.en)),
        "said_unit_zh": pick(lambda f: nw.lit(f.show.unit_zh)),
        "said_unit_en": pick(lambda f: nw.lit(f.show.unit_en)),
        "said_typical_zh": pick(lambda f: nw.lit(f"{f.typical * f.show.scale_zh:,.1f}")),
        "said_typical_en": pick(lambda f: nw.lit(f"{f.typical * f.show.scale_en:,.1f}")),
    }
    told = write_numbers(ranked.with_columns(**found, **said), ["said_zh", "said_en"])
    sentences = {f"reason_{k}_{tongue}": _sentence(k, tongue) for tongue in WORDS}
    return told.with_columns(**sentences).drop([*said, "said_zh_text", "said_en_text"])


def _sentence(k: int, tongue: str) -> nw.Expr:
    """Label, number, comparison and direction, in one language; null without a reason."""
    words, unit = WORDS[tongue], nw.col(f"said_unit_{tongue}")
    number = nw.concat_str(
        nw.lit(words["is"]),
        nw.col(f"said_{tongue}_text"),
        unit,
        _chosen(nw.col("said_above"), words["above"], words["below"], words["equal"]),
        nw.col(f"said_typical_{tongue}"),
        unit,
    )
    told = nw.coalesce(number, nw.lit(words["unknown"]))
    moved = _chosen(nw.col(f"reason_{k}_part"), words["raises"], words["lowers"], "")
    return nw.concat_str(nw.col(f"said_label_{tongue}"), told, moved)


def _chosen(number: nw.Expr, positive: str, negative: str, zero: str) -> nw.Expr:
    """A word by the sign of a number; null where it is null."""
    return nw.coalesce(
        nw.when(number > 0.0).then(nw.lit(positive)),
        nw.when(number < 0.0).then(nw.lit(negative)),
        nw.when(number == 0.0).then(nw.lit(zero)),
    )
