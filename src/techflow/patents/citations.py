"""Forward citations of a patent from its published document: text, claims, classes, team."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import narwhals.stable.v2 as nw
import numpy as np

from techflow.basics import Floats, Frame, InvalidInput, require_columns
from techflow.basics.trees import Forest

NUMBERS = (
    "independent_claims_n",
    "dependent_claims_n",
    "claim_characters_n",
    "abstract_characters_n",
    "backward_citations_n",
    "inventors_n",
    "family_n",
    "cpc_n",
    "ipc_n",
)
"""Counts from the published document."""
MARKS = {
    "names_method": ("title", "方法"),
    "names_apparatus": ("title", "装置|设备"),
    "names_use": ("title", "用途|应用"),
    "names_preparation": ("title", "制备"),
    "names_both": ("title", "及其"),
    "starts_plainly": ("abstract", "^本发明"),
    "utility_model": ("abstract", "实用新型"),
}
"""Signs in the text that say what kind of invention it is."""
COUNTED = {"commas_n": "，", "semicolons_n": "；", "percents_n": "%|％", "digits_n": "[0-9]"}
COMPARED = (*NUMBERS, "claims_n")
"""Numbers in which an application and the patent granted on it differ."""
SHAPE = (
    *NUMBERS,
    *MARKS,
    *(f"abstract_{name}" for name in COUNTED),
    "title_characters_n",
    "claims_n",
    "characters_per_claim",
    "title_rows_n",
    "text_rows_n",
    *(f"{name}_gap" for name in COMPARED),
)
"""Inputs of the trees, before the score of the text."""
GRAM_LENGTHS = (1, 2)


def document_numbers(documents: Frame) -> Frame:
    """Numbers of each document.

    Args:
        documents: `title`, `abstract` and the columns of `NUMBERS`.

    Returns:
        The same rows plus the columns of `SHAPE` up to `characters_per_claim`, float64, null
        where unknown.

    Raises:
        MissingColumn: A column is missing.
    """
    require_columns(documents, ("title", "abstract", *NUMBERS), needed_by="document_numbers")
    abstract = nw.col("abstract")
    length = abstract.str.len_chars()
    marks = {
        name: nw.col(column).str.contains(pattern).cast(nw.Float64)
        for name, (column, pattern) in MARKS.items()
    }
    counted = {
        f"abstract_{name}": (length - abstract.str.replace_all(pattern, "").str.len_chars()).cast(
            nw.Float64
        )
        for name, pattern in COUNTED.items()
    }
    claims = nw.col("independent_claims_n") + nw.col("dependent_claims_n")
    return documents.with_columns(
        **marks,
        **counted,
        title_characters_n=nw.col("title").str.len_chars().cast(nw.Float64),
        claims_n=claims,
    ).with_columns(characters_per_claim=nw.col("claim_characters_n") / (nw.col("claims_n") + 1.0))


def compare_publications(documents: Frame) -> Frame:
    """Each document beside the others of its title.

    An invention is published as an application and again as the patent granted on it, with
    fewer and longer claims; later documents cite mostly one of the two. Order of rows means
    nothing.

    Args:
        documents: Result of `document_numbers`: all that is to be compared.

    Returns:
        The same rows plus `title_rows_n`, `text_rows_n` (rows of the same title, and of the same
        title and abstract) and for each of `COMPARED` its `_gap`: the number less its mean over
        the other rows of the title, null where there is no other, or no title.

    Raises:
        MissingColumn: A column is missing.
    """
    require_columns(documents, ("title", "abstract", *COMPARED), needed_by="compare_publications")
    titled = nw.col("title").str.len_chars() > 0
    gaps = {f"{name}_gap": nw.when(titled).then(_gap(name)) for name in COMPARED}
    counted = {
        "title_rows_n": nw.col("title").count().over("title"),
        "text_rows_n": nw.col("title").count().over("title", "abstract"),
    }
    return documents.with_columns(
        **{name: nw.when(titled).then(n).cast(nw.Float64) for name, n in counted.items()}, **gaps
    )


def _gap(name: str) -> nw.Expr:
    number = nw.col(name)
    others_n = number.count().over("title").cast(nw.Float64) - 1.0
    others = (number.sum().over("title") - number) / nw.when(others_n > 0.0).then(others_n)
    return (number - others).cast(nw.Float64)


def hash_text(text: str, buckets_n: int) -> tuple[Any, Floats]:
    """Buckets of a text's characters and pairs of characters, and how often each occurs.

    Args:
        text: Title and abstract.
        buckets_n: Buckets.

    Returns:
        Buckets (int64, rising), and 1 + log of their counts.

    Source:
        Hashed features: Weinberger et al. (2009), ICML.

    Examples:
        >>> buckets, weights = hash_text("稀土", 1024)
        >>> len(buckets), weights.tolist()
        (3, [1.0, 1.0, 1.0])
    """
    grams = [
        crc32(text[i : i + n].encode()) % buckets_n
        for n in GRAM_LENGTHS
        for i in range(len(text) - n + 1)
    ]
    buckets, counts = np.unique(np.array(grams, dtype=np.int64), return_counts=True)
    return buckets, 1.0 + np.log(counts)


@dataclass(frozen=True, slots=True)
class TextWeights:
    """A linear score of a text.

    Attributes:
        rarity: Weight of each bucket by how few training texts have it, shape (buckets,).
        weights: What each bucket adds, shape (buckets,).
        intercept: Score of an empty text.
    """

    rarity: Floats
    weights: Floats
    intercept: float

    def score(self, texts: Sequence[str | None]) -> Floats:
        """Expected log of 1 + citations by the text alone; NaN for null."""
        return np.array(
            [
                np.nan if text is None else self.score_hashed(*hash_text(text, self.weights.size))
                for text in texts
            ]
        )

    def score_hashed(self, buckets: Any, counts: Floats) -> float:
        """Score of one text from its result of `hash_text`."""
        values = counts * self.rarity[buckets]
        size = np.sqrt((values**2).sum())
        total = (values @ self.weights[buckets]) / size if size > 0.0 else 0.0
        return float(self.intercept + total)


@dataclass(frozen=True, slots=True)
class CitationCard:
    """A fitted card of forward citations.

    Attributes:
        text: Score of the text.
        two_or_more: Trees whose sum is the log-odds of two or more citations.
        expected: Trees whose sum is the log of the expected citations.
        fitted: The model card.
    """

    text: TextWeights
    two_or_more: Forest
    expected: Forest
    fitted: Mapping[str, Any]

    @classmethod
    def from_data(cls, fitted: Mapping[str, Any]) -> "CitationCard":
        """Read a parsed `fitted.json`.

        Raises:
            InvalidInput: The arrays of the text differ in length, or a forest is broken.
        """
        text = fitted["text"]
        rarity, weights = np.asarray(text["rarity"]), np.asarray(text["weights"])
        if rarity.shape != weights.shape:
            raise InvalidInput(
                f"rarity and weights must have one length; got {rarity.size} and {weights.size}"
            )
        return cls(
            TextWeights(rarity, weights, float(text["intercept"])),
            Forest.from_data(fitted["two_or_more"]),
            Forest.from_data(fitted["expected"]),
            fitted,
        )


def score_citations(
    numbers: Floats, texts: Sequence[str | None], card: CitationCard
) -> tuple[Floats, Floats]:
    """Expected citations and the chance of two or more.

    Args:
        numbers: The columns of `SHAPE`, shape (n, inputs); NaN is unknown.
        texts: Title and abstract of each document; null is unknown.
        card: The fitted card.

    Returns:
        Expected citations and probability, each of shape (n,).
    """
    x = np.column_stack([numbers, card.text.score(texts)])
    log_odds, log_mean = card.two_or_more.sums(x), card.expected.sums(x)
    return np.exp(log_mean), 1.0 / (1.0 + np.exp(-log_odds))
