"""Assess, update, compare: from a store to a folder a credit committee can read."""

from techflow_service.assessing.content import Content, load_content
from techflow_service.assessing.running import Job, Tick, assess_store
from techflow_service.assessing.summary import summarize

__all__ = ["Content", "Job", "Tick", "assess_store", "load_content", "summarize"]
