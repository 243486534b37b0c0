"""Policies on files of firms: read facts, judge on an engine, tell what came out."""

from techflow_service.judging.drafts import compare_with_draft
from techflow_service.judging.engines import ENGINES, Task, judge_file
from techflow_service.judging.firms import find_firm, read_firms
from techflow_service.judging.register import Lang, describe_laws, describe_one, tell_laws
from techflow_service.judging.summary import tell_comparison, tell_gaps, tell_summary

__all__ = [
    "ENGINES",
    "Lang",
    "Task",
    "compare_with_draft",
    "describe_laws",
    "describe_one",
    "find_firm",
    "judge_file",
    "read_firms",
    "tell_comparison",
    "tell_gaps",
    "tell_laws",
    "tell_summary",
]
