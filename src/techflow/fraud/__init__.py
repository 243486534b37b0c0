"""Fraud: signs in applications, invoices and their network, for a person to look at."""

from techflow.fraud.cycles import Search, find_cycles
from techflow.fraud.measures import network_numbers, rule_numbers, share_interval
from techflow.fraud.network import link_groups, trade_both_ways, trade_edges
from techflow.fraud.rules import (
    late_sales,
    new_firm_sales,
    round_amounts,
    same_day_trips,
    sudden_partners,
    void_bursts,
)
from techflow.fraud.signs import Sign, judge_signs, tell_signs
from techflow.fraud.stream import FirmState, StreamScore, Transaction, score_transaction

__all__ = [
    "FirmState",
    "Search",
    "Sign",
    "StreamScore",
    "Transaction",
    "find_cycles",
    "judge_signs",
    "late_sales",
    "link_groups",
    "network_numbers",
    "new_firm_sales",
    "round_amounts",
    "rule_numbers",
    "same_day_trips",
    "score_transaction",
    "share_interval",
    "sudden_partners",
    "tell_signs",
    "trade_both_ways",
    "trade_edges",
    "void_bursts",
]
