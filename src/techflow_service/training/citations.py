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
from techflow.patents import (
    NUMBERS,
    SHAPE,
    TextWeights,
    compare_publications,
    document_numbers,
    hash_text,
)
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
BUCKETS_N, TEXT_PENALTY, FOLDS_N, SEEDS_N, SEED = 2**15, 2.0, 5, 3, 20261125
GROWTH = Growth((0,) * (len(SHAPE) + 1), 200, 0.03, 15, 6, 20, 0.5, 0.7, 10.0)
ONCE = {"all": (), "texts_once": ("title", "abstract"), "titles_once": ("title",)}
"""What stands once in a file: nothing, each text, or each title; a file may be any of these."""
Rows = np.typing.NDArray[np.bool_]
Hashed = Sequence[tuple[Any, Floats]]
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
    """The columns of `SHAPE` as an array, each title compared within these rows; NaN: unknown."""
    lazy = compare_publications(nw.from_native(documents.lazy())).to_native()
    columns = (pl.col(name).cast(pl.Float64).fill_null(float("nan")) for name in SHAPE)
    found: Floats = lazy.sort("file_row_n").select(columns).collect().to_numpy()
    return found


def fit_text(hashed: Hashed, target: Floats) -> TextWeights:
    """A ridge regression on hashed characters, weighted by rarity."""
    from scipy.sparse import csr_matrix, diags
    from sklearn.linear_model import Ridge

    starts = np.cumsum([0, *(len(buckets) for buckets, _ in hashed)])
    places = np.concatenate([buckets for buckets, _ in hashed])
    counts = csr_matrix(
        (np.concatenate([values for _, values in hashed]), places, starts),
        shape=(len(hashed), BUCKETS_N),
    )
    seen = np.bincount(places, minlength=BUCKETS_N)
    rarity = _short(np.log((1.0 + len(hashed)) / (1.0 + seen)) + 1.0)
    weighted = counts.multiply(rarity[None, :]).tocsr()
    sizes = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    scaled = diags(1.0 / np.where(sizes > 0.0, sizes, 1.0)) @ weighted
    model = Ridge(alpha=TEXT_PENALTY, solver="sparse_cg").fit(scaled, target)
    return TextWeights(rarity, _short(model.coef_), float(model.intercept_))


def _short(values: Floats) -> Floats:
    return np.array([float(f"{value:.5g}") for value in values])


def fold_by_title(titles: Sequence[str], *, seed: int) -> Any:
    """Fold of each document; documents of one title stay together."""
    names, member = np.unique(np.asarray(titles), return_inverse=True)
    return (np.random.default_rng(seed).permutation(names.size) % FOLDS_N)[member]


def first_of(documents: pl.DataFrame, key: Sequence[str]) -> Rows:
    """True where a row is the first of its key; everywhere without a key."""
    if not key:
        return np.ones(documents.height, dtype=np.bool_)
    return documents.select(pl.struct(key).is_first_distinct()).to_series().to_numpy()


def score_own_texts(hashed: Hashed, target: Floats, fold: Any) -> Floats:
    """Score of the text of each document, from texts of the other folds."""
    own = np.empty(target.size)
    for k in range(FOLDS_N):
        others = [words for words, at in zip(hashed, fold, strict=True) if at != k]
        text = fit_text(others, target[fold != k])
        here = [words for words, at in zip(hashed, fold, strict=True) if at == k]
        own[fold == k] = [text.score_hashed(*words) for words in here]
    return own


def fit_parts(
    documents: pl.DataFrame, citations: Floats, *, seed: int, growth: Growth = GROWTH
) -> tuple[TextWeights, Forest, Forest]:
    """The three parts of a card from documents and their citations.

    The text score of a document the trees are grown on comes from texts of other titles. The
    trees see the documents as each file of `ONCE` would show them, one below the other.
    """
    hashed, target = _hashed(documents), np.log1p(citations)
    fold = fold_by_title(documents["title"].to_list(), seed=seed + 1)
    own = score_own_texts(hashed, target, fold)
    views = [first_of(documents, key) for key in ONCE.values()]
    x = np.vstack([_inputs(documents, view, own) for view in views])
    counts = np.concatenate([citations[view] for view in views])
    grown = {
        objective: join_forests(
            [grow_forest(x, y, growth, seed=seed + k, objective=objective) for k in range(SEEDS_N)]
        )
        for objective, y in (("binary", (counts >= MANY).astype(np.float64)), ("poisson", counts))
    }
    return fit_text(hashed, target), grown["binary"], grown["poisson"]


def _hashed(documents: pl.DataFrame) -> Hashed:
    return [hash_text(text, BUCKETS_N) for text in documents["text"]]


def _inputs(documents: pl.DataFrame, view: Rows, own: Floats) -> Floats:
    return np.column_stack([numbers_of(documents.filter(pl.Series(view))), own[view]])


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
    """Documents with a count of citations; rows that repeat entirely once.

    Raises:
        InvalidInput: There is no count.
    """
    if TARGET not in raw.columns:
        raise InvalidInput(f"the file has no column {TARGET}; train on documents with citations")
    rows = raw.unique(keep="first", maintain_order=True)
    documents = read_documents(rows).with_columns(
        citations=rows[TARGET].cast(pl.Float64, strict=False)
    )
    known = documents.drop_nulls(["text", "citations"])
    if known.height < 10 * FOLDS_N:
        raise InvalidInput(f"training needs 50 labelled documents; got {known.height}")
    return known, known["citations"].to_numpy()


def train_citations(
    raw: pl.DataFrame, *, growth: Growth = GROWTH, say: Progress = lambda _: None
) -> dict[str, Any]:
    """Fit the card and measure its error on titles it never saw.

    Args:
        raw: Raw documents with `forward_incitions`.
        growth: How the trees are grown.
        say: Told what is being done.

    Returns:
        The content of `fitted.json`; the same file gives the same content.
    """
    documents, citations = read_labelled(raw)
    say("fitting")
    text, two_or_more, expected = fit_parts(documents, citations, seed=SEED, growth=growth)
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
        "metrics": measure_citations(documents, citations, growth=growth, say=say),
        "seed": SEED,
        "libraries": {name: version(name) for name in ("numpy", "scikit-learn", "lightgbm")},
        "command": "techflow patents train cn-citations --from FILE",
    }


def measure_citations(
    documents: pl.DataFrame,
    citations: Floats,
    *,
    growth: Growth = GROWTH,
    say: Progress = lambda _: None,
) -> dict[str, dict[str, float]]:
    """Error on titles never seen, for each kind of file in `ONCE`.

    Returns:
        By kind: rows, AUC of two or more (DeLong standard error), share of Poisson deviance
        explained, mean probability over rate, mean expected citations over mean.
    """
    fold = fold_by_title(documents["title"].to_list(), seed=SEED)
    scored: dict[str, list[Floats]] = {kind: [] for kind in ONCE}
    for k in range(FOLDS_N):
        say(f"fold {k + 1} of {FOLDS_N}")
        rest, here = (documents.filter(pl.Series(at)) for at in (fold != k, fold == k))
        known = citations[fold != k]
        text, two_or_more, expected = fit_parts(rest, known, seed=SEED, growth=growth)
        own, counts = text.score(here["text"].to_list()), citations[fold == k]
        for kind, key in ONCE.items():
            view = first_of(here, key)
            x = _inputs(here, view, own)
            plain = np.full(view.sum(), known.mean())
            found = (counts[view], two_or_more.sums(x), np.exp(expected.sums(x)), plain)
            scored[kind].append(np.vstack(found))
    return {kind: _errors(*np.hstack(parts)) for kind, parts in scored.items()}


def _errors(counts: Floats, log_odds: Floats, mean: Floats, plain: Floats) -> dict[str, float]:
    y = (counts >= MANY).astype(np.float64)
    area = auc(y, log_odds)
    return {
        "rows_n": y.size,
        "auc": area.value,
        "auc_se": area.se,
        "deviance_explained": 1.0
        - poisson_deviance(counts, mean) / poisson_deviance(counts, plain),
        "mean_p_over_rate": float((1.0 / (1.0 + np.exp(-log_odds))).mean() / y.mean()),
        "expected_over_mean": float(mean.mean() / counts.mean()),
    }


def poisson_deviance(counts: Floats, mean: Floats) -> float:
    """Poisson deviance.

    Source:
        McCullagh and Nelder (1989), Generalized Linear Models, 2.3.
    """
    safe = np.where(counts > 0.0, counts, 1.0)
    return float(2.0 * (counts * np.log(safe / mean) * (counts > 0.0) - (counts - mean)).sum())
