"""Patents: what a document, its claims and its team say about how often it will be cited."""

from techflow.patents.citations import (
    NUMBERS,
    SHAPE,
    CitationCard,
    TextWeights,
    document_numbers,
    hash_text,
    score_citations,
)

__all__ = [
    "NUMBERS",
    "SHAPE",
    "CitationCard",
    "TextWeights",
    "document_numbers",
    "hash_text",
    "score_citations",
]
