import pytest
from tests.credit.firms import CARDS, table

from techflow.credit import explain_firms, name_missing, score_firms


@pytest.fixture(params=CARDS.values(), ids=CARDS)
def card(request):
    """Each card that comes with the installation."""
    return request.param


@pytest.fixture
def score(make, rows):
    """Scores firms on each engine; rows in the order given."""

    def run(card, firms):
        return sorted(
            rows(score_firms(make(table(card, firms)), card)), key=lambda row: row["row_n"]
        )

    return run


@pytest.fixture
def judge(make, rows):
    """Scores, explains and lists the gaps of firms on each engine; rows in the order given."""

    def run(card, firms):
        scored = score_firms(make(table(card, firms)), card)
        found = rows(name_missing(explain_firms(scored, card), card))
        return sorted(found, key=lambda row: row["row_n"])

    return run
