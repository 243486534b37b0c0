"""Guangzhou credit-risk compensation, guarantee mode (广州市信贷风险补偿机制管理办法).

Source: 穗金管规字〔2025〕1号, in force 2025-10-01 to 2028-09-30. Compensation of a district may
come on top and is not counted here.
"""

from datetime import date

from techflow.policy import (
    Amount,
    Condition,
    Fixed,
    Listed,
    Policy,
    Share,
    Version,
    all_of,
    any_of,
    free_of,
    holds,
)

BORROWER = any_of(
    "borrower",
    Listed("micro_or_small", "firm_size", "small_sizes"),
    all_of(
        "medium_tech",
        Listed("medium", "firm_size", "medium_sizes"),
        any_of(
            "medium_kind",
            holds("hnte_certificate", "补偿对象（高新技术企业）"),
            holds("medium_firm_kind", "补偿对象（其他放宽至中型的类别）"),
        ),
    ),
)

POLICY = Policy(
    id="cn.guangzhou_pool_guarantee",
    zh="广州市信贷风险补偿机制（担保模式）",
    en="Guangzhou credit-risk compensation, guarantee mode",
    issuer="广州市",
    versions=(
        Version(
            since=date(2025, 10, 1),
            until=date(2028, 10, 1),
            document="穗金管规字〔2025〕1号",
            test=all_of(
                "payable",
                BORROWER,
                holds("filed_in_pool", "备案"),
                holds("guaranteed_loan", "担保模式"),
                free_of("compensated_other_mode", "同一笔贷款不得同时适用两种模式"),
                Condition(
                    "guarantor_circuit",
                    Share("guangzhou_claims_cny", "guangzhou_guaranteed_cny"),
                    "<=",
                    "guarantor_claims_rate_max",
                ),
                Condition(
                    "guarantee_year_total",
                    "guangzhou_guarantee_paid_year_cny",
                    "<=",
                    "guarantee_year_cny_max",
                ),
                Condition("year_total", "guangzhou_paid_year_cny", "<=", "year_cny_max"),
            ),
            outcomes=(
                Amount(
                    "compensation_cny",
                    "风险补偿金额",
                    "Compensation",
                    "unrepaid_principal_cny",
                    Fixed("rate", "claim_rate"),
                ),
            ),
        ),
    ),
)
