"""A small scheme to spoil, as plain data."""

from copy import deepcopy
from datetime import date

from techflow.pool import read_scheme


def number(value, unit="share"):
    return {"value": value, "unit": unit, "reference": "test", "status": "proposal"}


DEMO = {
    "id": "demo",
    "zh": "示例",
    "en": "Demo",
    "issuer": "test",
    "policy": "cn.demo",
    "currency": "cny",
    "base": "principal_loss",
    "since": date(2024, 1, 1),
    "reference": "test",
    "status": "proposal",
    "party": [
        {"id": "pool", "zh": "池", "en": "Pool", "kind": "government"},
        {"id": "guarantor", "zh": "担保", "en": "Guarantor", "kind": "guarantor"},
        {"id": "bank", "zh": "银行", "en": "Bank", "kind": "bank"},
    ],
    "layer": [
        {"party": "pool", "share": number("30%"), "spill": "guarantor"},
        {"party": "guarantor", "share": number("50%")},
        {"party": "bank", "share": "rest"},
    ],
    "recovery": {"order": [["pool", "guarantor", "bank"]], "status": "proposal"},
}


def demo(**changes):
    """The scheme with some keys replaced."""
    return read_scheme(deepcopy(DEMO) | changes)
