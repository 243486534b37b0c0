"""From raw documents to the fitted card of forward citations, with its error measured."""

from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from techflow.basics import Floats, InvalidInput
from techflow.basics.trees import Forest
from techflow.credit import auc
from techflow.patents import NUMBERS, SHAPE, TextWeights, document_numbers, hash_text
from techflow_service.training.boosting import Growth, grow_forest

RAW = (
    "ind_claims",
    "dep_claims",
    "len_claims",
    "len_abstract",
    "back_incitions",
    "num_inventors",
    "num_family",
    "cpcs",
    "ipcs",
)
"""Raw columns of `NUMBERS`, in their order."""
TARGET, MANY = "forward_incitions", 2
BUCKETS_N, TEXT_C, FOLDS_N, SEEDS_N, SEED = 2**15, 0.3, 5, 3, 20261125
GROWTH = Growth((0,) * (len(SHAPE) + 1), 250, 0.03, 7, 4, 30, 0.5, 0.7, 10.0)
Rows = np.typing.NDArray[np.bool_]
Progress = Callable[[str], None]


def read_documents(raw: pl.DataFrame) -> pl.DataFrame:
    """Raw documents with the numbers of each: one row out per row in, same order.

    Raises:
        InvalidInput: A raw column is missing.
    """
    absent = [name for name in ("title", "abstract", *RAW) if name not in raw.columns]
    if absent:
        raise InvalidInput(
            f"the file lacks {', '.join(absent)}; documents have title, abstract, "
            f"{', '.join(RAW)}; got {', '.join(raw.columns)}"
        )
    typed = raw.select(
        *(pl.col(name).cast(pl.String).str.strip_chars() for name in ("title", "abstract")),
        **{
            name: pl.col(source).cast(pl.Float64, strict=False)
            for name, source in zip(NUMBERS, RAW, strict=True)
        },
    ).with_row_index("file_row_n")
    found: pl.DataFrame = document_numbers(nw.from_native(typed.lazy())).to_native().collect()
    return found.sort("file_row_n").with_columns(text=pl.col("title") + "。" + pl.col("abstract"))


def numbers_of(documents: pl.DataFrame) -> Floats:
    """The columns of `SHAPE` as an array; NaN where unknown."""
    columns = (pl.col(name).cast(pl.Float64).fill_null(float("nan")) for name in SHAPE)
    return documents.select(columns).to_numpy()


def fit_text(texts: Sequence[str], y: Floats) -> TextWeights:
    """A logistic regression on hashed characters, weighted by rarity."""
    from scipy.sparse import csr_matrix, diags
    from sklearn.linear_model import LogisticRegression

    hashed = [hash_text(text, BUCKETS_N) for text in texts]
    starts = np.cumsum([0, *(len(buckets) for buckets, _ in hashed)])
    places = np.concatenate([buckets for buckets, _ in hashed])
    counts = csr_matrix(
        (np.concatenate([values for _, values in hashed]), places, starts),
        shape=(len(texts), BUCKETS_N),
    )
    seen = np.bincount(places, minlength=BUCKETS_N)
    rarity = _short(np.log((1.0 + len(texts)) / (1.0 + seen)) + 1.0)
    weighted = counts.multiply(rarity[None, :]).tocsr()
    sizes = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    scaled = diags(1.0 / np.where(sizes > 0.0, sizes, 1.0)) @ weighted
    model = LogisticRegression(C=TEXT_C, max_iter=500).fit(scaled, y)
    return TextWeights(rarity, _short(model.coef_[0]), float(model.intercept_[0]))


def _short(values: Floats) -> Floats:
    return np.array([float(f"{value:.5g}") for value in values])


def fold_by_title(titles: Sequence[str], *, seed: int) -> Any:
    """Fold of each document; documents of one title stay together."""
    names, member = np.unique(np.asarray(titles), return_inverse=True)
    return (np.random.default_rng(seed).permutation(names.size) % FOLDS_N)[member]


def fit_parts(
    documents: pl.DataFrame, citations: Floats, *, seed: int
) -> tuple[TextWeights, Forest, Forest]:
    """The three parts of a card from documents and their citations.

    The text score of a document the trees are grown on comes from texts of other titles.
    """
    y, texts = (citations >= MANY).astype(np.float64), documents["text"].to_list()
    inner = fold_by_title(documents["title"].to_list(), seed=seed + 1)
    own = np.empty(y.size)
    for k in range(FOLDS_N):
        rest = [text for text, fold in zip(texts, inner, strict=True) if fold != k]
        here = [text for text, fold in zip(texts, inner, strict=True) if fold == k]
        own[inner == k] = fit_text(rest, y[inner != k]).score(here)
    x = np.column_stack([numbers_of(documents), own])
    grown = {
        objective: join_forests(
            [
                grow_forest(x, target, GROWTH, seed=seed + k, objective=objective)
                for k in range(SEEDS_N)
            ]
        )
        for objective, target in (("binary", y), ("poisson", citations))
    }
    return fit_text(texts, y), grown["binary"], grown["poisson"]


def join_forests(forests: Sequence[Forest]) -> Forest:
    """One forest whose sum is the mean of the sums."""
    data: dict[str, list[Any]] = {name: [] for name in forests[0].to_data()}
    for forest in forests:
        start = len(data["feature"])
        for name, values in forest.to_data().items():
            moved = name in ("roots", "left", "right")
            data[name] += [v + start if moved and v >= 0 else v for v in values]
    data["value"] = [value / len(forests) for value in data["value"]]
    return Forest.from_data(data)


def read_labelled(raw: pl.DataFrame) -> tuple[pl.DataFrame, Floats]:
    """Documents with a count of citations, each title and abstract once.

    Raises:
        InvalidInput: There is no count.
    """
    if TARGET not in raw.columns:
        raise InvalidInput(f"the file has no column {TARGET}; train on documents with citations")
    documents = read_documents(raw).with_columns(
        citations=raw[TARGET].cast(pl.Float64, strict=False)
    )
    different = documents.drop_nulls(["text", "citations"]).unique(
        ["title", "abstract"], keep="first", maintain_order=True
    )
    if different.height < 10 * FOLDS_N:
        raise InvalidInput(f"training needs 50 labelled documents; got {different.height}")
    return different, different["citations"].to_numpy()


def train_citations(raw: pl.DataFrame, *, say: Progress = lambda _: None) -> dict[str, Any]:
    """Fit the card and measure its error on titles it never saw.

    Args:
        raw: Raw documents with `forward_incitions`.
        say: Told what is being done.

    Returns:
        The content of `fitted.json`; the same file gives the same content.
    """
    documents, citations = read_labelled(raw)
    say("fitting")
    text, two_or_more, expected = fit_parts(documents, citations, seed=SEED)
    return {
        "card_id": "cn-citations",
        "text": {
            "intercept": text.intercept,
            "rarity": text.rarity.tolist(),
            "weights": text.weights.tolist(),
        },
        "two_or_more": two_or_more.to_data(),
        "expected": expected.to_data(),
        "sample": {
            "rows_n": int(citations.size),
            "events_n": int((citations >= MANY).sum()),
            "citations_mean": float(citations.mean()),
        },
        "metrics": measure_citations(documents, citations, say=say),
        "seed": SEED,
        "libraries": {name: version(name) for name in ("numpy", "scikit-learn", "lightgbm")},
        "command": "techflow patents train cn-citations --from FILE",
    }


def measure_citations(
    documents: pl.DataFrame, citations: Floats, *, say: Progress = lambda _: None
) -> dict[str, float]:
    """AUC of two or more (DeLong interval) and share of Poisson deviance explained, held out."""
    fold, y = fold_by_title(documents["title"].to_list(), seed=SEED), citations >= MANY
    scores, mean, plain = np.empty(y.size), np.empty(y.size), np.empty(y.size)
    texts, numbers = documents["text"].to_list(), numbers_of(documents)
    for k in range(FOLDS_N):
        say(f"fold {k + 1} of {FOLDS_N}")
        rest = documents.filter(pl.Series(fold != k))
        text, two_or_more, expected = fit_parts(rest, citations[fold != k], seed=SEED)
        here = [words for words, own in zip(texts, fold, strict=True) if own == k]
        x = np.column_stack([numbers[fold == k], text.score(here)])
        scores[fold == k], mean[fold == k] = two_or_more.sums(x), np.exp(expected.sums(x))
        plain[fold == k] = citations[fold != k].mean()
    area = auc(y.astype(np.float64), scores)
    return {
        "auc": area.value,
        "auc_se": area.se,
        "deviance_explained": 1.0
        - poisson_deviance(citations, mean) / poisson_deviance(citations, plain),
        "mean_p_over_rate": float((1.0 / (1.0 + np.exp(-scores))).mean() / y.mean()),
    }


def poisson_deviance(counts: Floats, mean: Floats) -> float:
    """Poisson deviance.

    Source:
        McCullagh and Nelder (1989), Generalized Linear Models, 2.3.
    """
    safe = np.where(counts > 0.0, counts, 1.0)
    return float(2.0 * (counts * np.log(safe / mean) * (counts > 0.0) - (counts - mean)).sum())
