"""Credit: cards that turn a profile into a default probability, a grade and reasons."""

from techflow.credit.card import Card, Condition, Feature, Input, Terms
from techflow.credit.expert import Expert, Item, Level, expert_scores
from techflow.credit.explain import explain_firms
from techflow.credit.gaps import name_missing
from techflow.credit.growth import GrowthCard, fit_margins, widen_interval
from techflow.credit.loss import LossCard, loss_interval, loss_rates
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
from techflow.credit.score import refuse_strangers, score_firms
from techflow.credit.trees import TreeCard, TreeInput, read_inputs, score_trees, tree_parts
from techflow.credit.words import Words, content_hash

__all__ = [
    "Auc",
    "Card",
    "Condition",
    "Expert",
    "Feature",
    "Grade",
    "GrowthCard",
    "Input",
    "Item",
    "Level",
    "LossCard",
    "MasterScale",
    "Terms",
    "TreeCard",
    "TreeInput",
    "Words",
    "auc",
    "average_precision",
    "brier_score",
    "content_hash",
    "expert_scores",
    "explain_firms",
    "fit_margins",
    "grade_firms",
    "ks_distance",
    "log_loss",
    "loss_interval",
    "loss_rates",
    "low_default_pd",
    "name_missing",
    "ndcg_at",
    "read_inputs",
    "refuse_strangers",
    "score_firms",
    "score_trees",
    "tree_parts",
    "widen_interval",
]
