"""A rule in words names every fact and every clause it rests on, in both languages."""

import pytest

from techflow.policy import describe_rule, show_term
from techflow.policy.params import exact
from techflow.policy.rule import sources_of
from techflow_service.policies import load_laws

LAWS = load_laws()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_words_name_every_fact_and_clause(law, lang):
    for *_, rule in law.timeline():
        text = "\n".join(describe_rule(rule, lang)).lower()
        assert not [s.reference for s in sources_of(rule.roots) if s.reference.lower() not in text]
        labels = {(fact.zh if lang == "zh" else fact.en).lower() for fact in rule.facts}
        assert not [label for label in labels if label not in text]


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_a_weak_mark_is_said(law):
    rule = law.timeline()[-1][2]
    text = "\n".join(describe_rule(rule, "en"))
    weak = {s.mark for s in sources_of(rule.roots) if s.mark.kind != "text"}
    said = {"unverified": ", unverified {}", "proposal": ", our proposal"}
    doubts = {m: "" if m.confidence in ("", "1.0") else m.confidence for m in weak}
    assert not [m for m, p in doubts.items() if said[m.kind].format(p).strip() not in text]


def test_terms_read_as_written():
    """By hand from 国科发政〔2017〕115号 Art. 7(2)."""
    term = LAWS["cn.tech_sme"].params.rows["rnd_revenue_points"][0].term
    assert show_term(term, "en") == "≥6%: 50; ≥5%: 40; ≥4%: 30; ≥3%: 20; ≥2%: 10; else: 0"
    assert term.cuts[0].at == exact("6%")
