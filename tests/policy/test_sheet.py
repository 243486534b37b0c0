"""A temporary column is written once: two of one name would overwrite an earlier answer."""

from collections import Counter

from techflow.policy.evaluate import law_spans, lower_rules
from techflow.policy.sql import SqlText
from techflow_service.policies import load_laws


def test_no_two_temporary_columns_share_a_name():
    spans = law_spans(load_laws().values())
    judged = lower_rules(SqlText("duckdb"), spans, on="on", detail="points")
    names = Counter(name for stage in judged.stages for name in stage)
    assert len(names) > 100 and set(names.values()) == {1}
