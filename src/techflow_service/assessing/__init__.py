"""Assess, update, compare: from a store to a folder a credit committee can read."""

from techflow_service.assessing.comparing import Comparison, compare_folders
from techflow_service.assessing.content import Content, load_content
from techflow_service.assessing.running import Job, Tick, assess_store
from techflow_service.assessing.showing import (
    describe_comparison,
    tell_comparison,
    write_comparison,
)
from techflow_service.assessing.summary import summarize
from techflow_service.assessing.updating import Update, update_store

__all__ = [
    "Comparison",
    "Content",
    "Job",
    "Tick",
    "Update",
    "assess_store",
    "compare_folders",
    "describe_comparison",
    "load_content",
    "summarize",
    "tell_comparison",
    "update_store",
    "write_comparison",
]
