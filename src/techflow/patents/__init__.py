"""Patents: how often a document will be cited, what it is worth, what a bank may lend on it.

The draws (`techflow.patents.value_draws`) need the extra `simulate` and are not imported here.
"""

from techflow.patents.citations import (
    NUMBERS,
    SHAPE,
    CitationCard,
    TextWeights,
    compare_publications,
    document_numbers,
    hash_text,
    score_citations,
)
from techflow.patents.life import patent_life
from techflow.patents.survival import expected_economic_life_years, legal_life_years
from techflow.patents.value import IncomeCase, income_value, relief_from_royalty

__all__ = [
    "NUMBERS",
    "SHAPE",
    "CitationCard",
    "IncomeCase",
    "TextWeights",
    "compare_publications",
    "document_numbers",
    "expected_economic_life_years",
    "hash_text",
    "income_value",
    "legal_life_years",
    "patent_life",
    "relief_from_royalty",
    "score_citations",
]
