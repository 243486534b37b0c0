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
SHAPE = (
    *NUMBERS,
    *MARKS,
    *(f"abstract_{name}" for name in COUNTED),
    "title_characters_n",
    "claims_n",
    "characters_per_claim",
)
"""Inputs of the trees, before the score of the text."""
GRAM_LENGTHS = (1, 2)


def document_numbers(documents: Frame) -> Frame:
    """Numbers of each document.

    Args:
        documents: `title`, `abstract` and the columns of `NUMBERS`.

    Returns:
        The same rows plus the other columns of `SHAPE`, float64, null where unknown.

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
        weights: Log-odds of each bucket, shape (buckets,).
        intercept: Log-odds of an empty text.
    """

    rarity: Floats
    weights: Floats
    intercept: float

    def score(self, texts: Sequence[str | None]) -> Floats:
        """Log-odds of two or more citations by the text alone; NaN for null."""
        found = np.full(len(texts), np.nan)
        for place, text in enumerate(texts):
            if text is None:
                continue
            buckets, counts = hash_text(text, self.weights.size)
            values = counts * self.rarity[buckets]
            size = np.sqrt((values**2).sum())
            total = (values @ self.weights[buckets]) / size if size > 0.0 else 0.0
            found[place] = self.intercept + total
        return found


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
