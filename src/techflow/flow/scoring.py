"""Scoring rows with one card, whatever its form."""

from techflow.basics import Frame
from techflow.credit import Card, MasterScale, TreeCard, grade_firms, score_firms, score_trees


def rate_rows(
    rows: Frame, card: Card | TreeCard, scale: MasterScale, *, sums: str | None = None
) -> Frame:
    """Score and grade rows that hold the features of a card.

    Args:
        rows: Rows with the columns of the card.
        card: A card of lines or of trees.
        scale: Master scale for the grade.
        sums: For a card of trees, the column that already holds their sums.

    Returns:
        The same rows with the columns of `score_firms` or `score_trees` and of `grade_firms`.

    Raises:
        MissingColumn: The rows lack a column of the card.
    """
    if isinstance(card, TreeCard):
        return grade_firms(score_trees(rows, card, sums=sums), scale)
    return grade_firms(score_firms(rows, card), scale)
