"""Forward citations from the document: hand-worked numbers, unseen titles, odd rows."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from sklearn.metrics import mean_poisson_deviance

from techflow.basics import InvalidInput, MissingColumn
from techflow.patents import (
    NUMBERS,
    SHAPE,
    CitationCard,
    TextWeights,
    compare_publications,
    document_numbers,
)
from techflow_service.cli import techflow
from techflow_service.cli.patents import load_citation_card, score_documents
from techflow_service.scoring import read_rows
from techflow_service.training.citations import (
    GROWTH,
    RAW,
    first_of,
    fit_parts,
    fold_by_title,
    join_forests,
    poisson_deviance,
    read_labelled,
    train_citations,
)

FILE = "cn_patents/rare_earth_patents_dev.csv.gz"
DOCUMENT = {
    "title": "一种稀土合金的制备方法",
    "abstract": "本发明公开一种合金，含钐14%，钴45%；耐用。",
}
RAW_ROW = DOCUMENT | dict.fromkeys(RAW, "2") | {"forward_incitions": ""}


def test_a_document_worked_by_hand(make, rows):
    (row,) = rows(document_numbers(make([DOCUMENT | dict.fromkeys(NUMBERS, 3.0)])))
    assert (row["names_method"], row["names_apparatus"], row["names_preparation"]) == (1, 0, 1)
    assert row["starts_plainly"] == 1 and row["utility_model"] == 0
    assert row["abstract_commas_n"] == 2 and row["abstract_semicolons_n"] == 1
    assert row["abstract_percents_n"] == 2 and row["abstract_digits_n"] == 4
    assert row["title_characters_n"] == 11 and row["claims_n"] == 6
    assert row["characters_per_claim"] == pytest.approx(3 / 7)


def test_publications_of_one_title_are_compared(make, rows):
    # By hand. A: 8, 4 and null claims; of text "a" two rows. B stands alone; "" is no title.
    keys = [("A", "a"), ("A", "a"), ("A", "b"), ("B", "a"), ("", "a"), ("", "a"), (None, "a")]
    claims = [8.0, 4.0, None, 5.0, 1.0, 3.0, 2.0]
    documents = [
        {"n": n, "title": title, "abstract": abstract, "claims_n": claims[n]}
        | dict.fromkeys(NUMBERS, 3.0)
        for n, (title, abstract) in enumerate(keys)
    ]
    found = sorted(rows(compare_publications(make(documents))), key=lambda row: row["n"])
    assert [row["claims_n_gap"] for row in found] == [4.0, -4.0] + [None] * 5
    assert [row["family_n_gap"] for row in found] == [0.0] * 3 + [None] * 4
    assert [row["title_rows_n"] for row in found] == [3, 3, 3, 1, None, None, None]
    assert [row["text_rows_n"] for row in found] == [2, 2, 1, 1, None, None, None]
    with pytest.raises(MissingColumn):
        compare_publications(make([DOCUMENT]))


def test_order_of_rows_means_nothing(shared):
    raw = read_rows(shared / FILE).head(400).with_row_index("n")
    card, mixed = load_citation_card(), raw.sample(fraction=1.0, shuffle=True, seed=5)
    straight = score_documents(raw.drop("n"), card)
    turned = score_documents(mixed.drop("n"), card)
    assert turned.equals(straight[mixed["n"].to_list()])


def test_text_is_a_weighted_mean_of_its_grams():
    # Two characters and their pair, each once: three equal parts of a vector of length one.
    weights = TextWeights(np.ones(1024), np.full(1024, 2.0), 0.5)
    found = weights.score(["稀土", "", None])
    assert found[0] == pytest.approx(0.5 + 3 * 2.0 / np.sqrt(3.0))
    assert found[1] == 0.5 and np.isnan(found[2])


def test_deviance_is_that_of_scikit_learn():
    rng = np.random.default_rng(1)
    counts, mean = rng.poisson(2.0, 500).astype(float), rng.uniform(0.5, 4.0, 500)
    assert poisson_deviance(counts, mean) / 500 == pytest.approx(
        mean_poisson_deviance(counts, mean)
    )


def test_one_title_is_never_on_both_sides():
    titles = [f"t{i % 40}" for i in range(200)]
    fold = fold_by_title(titles, seed=3)
    assert all(
        len({int(f) for t, f in zip(titles, fold, strict=True) if t == one}) == 1 for one in titles
    )
    assert set(fold) == {0, 1, 2, 3, 4}


def test_one_row_out_for_each_row_in_whatever_is_in_it():
    odd = [
        RAW_ROW,
        RAW_ROW | {"title": None},
        RAW_ROW | {"abstract": ""},
        RAW_ROW | dict.fromkeys(RAW),
        RAW_ROW | {"len_claims": "many"},
        RAW_ROW | {"title": "𠀀" * 300},
    ]
    found = score_documents(pl.DataFrame(odd, infer_schema_length=None), load_citation_card())
    assert found.height == len(odd)
    assert found["p_two_or_more"].is_null().to_list() == [False, True, False, False, False, False]
    assert (found["p_two_or_more"].is_null() == found["reason"].is_not_null()).all()


def test_the_target_is_not_read(shared):
    raw = read_rows(shared / FILE).head(300)
    blank = raw.with_columns(forward_incitions=pl.lit(""))
    card = load_citation_card()
    assert score_documents(raw, card).equals(score_documents(blank, card))


def test_rows_that_repeat_entirely_count_once(shared):
    raw = read_rows(shared / FILE)
    documents, citations = read_labelled(raw)
    assert documents.height == citations.size == raw.unique().height
    assert load_citation_card().fitted["sample"]["rows_n"] == documents.height
    assert first_of(documents, ("title",)).sum() == documents["title"].n_unique()


def test_training_beats_chance_on_unseen_titles_and_repeats(shared):
    raw, few = read_rows(shared / FILE).head(500), replace(GROWTH, rounds_n=40)
    card = train_citations(raw, growth=few)
    for found in card["metrics"].values():
        assert found["auc"] - 1.64 * found["auc_se"] > 0.5
    text, two_or_more, expected = fit_parts(*read_labelled(raw), seed=card["seed"], growth=few)
    assert text.weights.tolist() == card["text"]["weights"]
    assert two_or_more.to_data() == card["two_or_more"]
    assert expected.to_data() == card["expected"]


def test_joined_forests_have_the_mean_sum():
    card = load_citation_card()
    x = np.random.default_rng(1).normal(size=(50, len(SHAPE) + 1))
    joined = join_forests([card.expected, card.two_or_more])
    assert (
        np.abs(joined.sums(x) - (card.expected.sums(x) + card.two_or_more.sums(x)) / 2).max()
        < 1e-12
    )


def test_wrong_files_and_cards_are_refused(tmp_path):
    with pytest.raises(InvalidInput, match="lacks"):
        score_documents(pl.DataFrame({"title": ["a"]}), load_citation_card())
    path = tmp_path / "in.csv"
    pl.DataFrame([RAW_ROW]).write_csv(path)
    out = str(tmp_path / "o.parquet")
    done = CliRunner().invoke(techflow, ["patents", "score", "us", str(path), "--out", out])
    assert "cn-citations" in str(done.exception)
    done = CliRunner().invoke(
        techflow, ["patents", "score", "cn-citations", str(path), "--out", out]
    )
    assert done.exit_code == 0 and pl.read_parquet(out).height == 1
    broken = load_citation_card().fitted | {
        "text": {"rarity": [1.0], "weights": [], "intercept": 0}
    }
    with pytest.raises(InvalidInput, match="one length"):
        CitationCard.from_data(broken)
