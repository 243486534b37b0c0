"""Credit: cards that turn a profile into a default probability, a grade and reasons."""

from techflow.credit.card import Card, Condition, Feature
from techflow.credit.expert import Expert, Item, Level, expert_scores
from techflow.credit.explain import explain_firms
from techflow.credit.gaps import name_missing
from techflow.credit.low_default import low_default_pd
from techflow.credit.metrics import (
    Auc,
    auc,
    average_precision,
    brier_score,
    ks_distance,
    log_loss,
    ndcg_at,
)
from techflow.credit.scale import Grade, MasterScale, grade_firms
from techflow.credit.score import score_firms
from techflow.credit.words import Words, content_hash

__all__ = [
    "Auc",
    "Card",
    "Condition",
    "Expert",
    "Feature",
    "Grade",
    "Item",
    "Level",
    "MasterScale",
    "Words",
    "auc",
    "average_precision",
    "brier_score",
    "content_hash",
    "expert_scores",
    "explain_firms",
    "grade_firms",
    "ks_distance",
    "log_loss",
    "low_default_pd",
    "name_missing",
    "ndcg_at",
    "score_firms",
]
