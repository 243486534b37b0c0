"""Credit: cards that turn a profile into a default probability, a grade and reasons."""

from techflow.credit.card import Card, Condition, Feature
from techflow.credit.expert import Expert, Item, Level, expert_scores
from techflow.credit.explain import explain_firms
from techflow.credit.low_default import low_default_pd
from techflow.credit.scale import Grade, MasterScale, grade_firms
from techflow.credit.score import score_firms
from techflow.credit.words import Words, content_hash

__all__ = [
    "Card",
    "Condition",
    "Expert",
    "Feature",
    "Grade",
    "Item",
    "Level",
    "MasterScale",
    "Words",
    "content_hash",
    "expert_scores",
    "explain_firms",
    "grade_firms",
    "low_default_pd",
    "score_firms",
]
