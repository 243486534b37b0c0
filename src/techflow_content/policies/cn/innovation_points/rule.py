"""Innovation points (企业创新积分) as a configurable score by stage; not the official table.

Source: 《"创新积分制"工作指引（全国试行版）》 of 2024 names three first-level and 18 second-level
indicators, with weights for three stages; its table is not public here. The names below are
believed (the fourteenth least of all), the weights and levels are ours: whoever has the official
table replaces the numbers in `params.toml`. Within an indicator the upper level earns its weight
and the lower level half of it. A ratio over nothing (no revenue yet, no year before) earns no
points; a missing fact leaves the score open. A firm past five years with the revenue of a start-up
counts as in the growth stage.
"""

from datetime import date

from techflow.policy import (
    Case,
    Condition,
    Fixed,
    Growth,
    Policy,
    Share,
    Steps,
    Value,
    Version,
    all_of,
    total_points,
    unverified,
)

REVENUE, STAFF = "revenue_y0_cny", "employees_n"
INDICATORS = {  # name: measure, and what it divides by if it is a ratio
    "rnd_cny": ("rnd_y0_cny", None),
    "rnd_growth": (Growth("rnd_cny", 2), "rnd_y1_cny"),
    "rnd_share": (Share("rnd_y0_cny", REVENUE), REVENUE),
    "rnd_staff_share": (Share("rnd_staff_n", STAFF), STAFF),
    "inventions": ("invention_applications_n", None),
    "pct": ("pct_applications_n", None),
    "contracts": ("technology_contracts_cny", None),
    "hightech_revenue": ("hightech_revenue_y0_cny", None),
    "revenue_growth": (Growth("revenue_cny", 2), "revenue_y1_cny"),
    "tax_relief": ("rnd_tax_relief_cny", None),
    "net_return": (Share("net_profit_y0_cny", "net_assets_y0_cny"), "net_assets_y0_cny"),
    "postgraduates": (Share("postgraduates_n", STAFF), STAFF),
    "new_graduates": ("new_graduates_n", None),
    "tax_paid": ("tax_paid_cny", None),
    "platforms": ("provincial_platforms_n", None),
    "awards": ("provincial_awards_n", None),
    "programmes": ("provincial_programmes_n", None),
    "venture_capital": ("venture_capital_cny", None),
}
GROUPS = {
    "technology": tuple(INDICATORS)[:7],
    "operation": tuple(INDICATORS)[7:14],
    "auxiliary": tuple(INDICATORS)[14:],
}


def indicator(stage, name):
    """Points of one indicator in one stage."""
    measure, base = INDICATORS[name]
    steps = Steps(f"{stage}_{name}", measure, f"{stage}_{name}_points")
    if base is None:
        return steps
    defined = Condition(f"{base}_above_zero", base, ">", "ratio_base_over")
    return Case(f"{stage}_{name}_item", defined, steps, Fixed("undefined", "undefined_points"))


def group(stage, name):
    """Points of one group of indicators."""
    items = (indicator(stage, item) for item in GROUPS[name])
    return total_points(f"{stage}_{name}", *items)


def by_stage(name, startup, growth, stable):
    """What holds for the firm's stage."""
    return Case(name, IN_STARTUP, startup, Case(f"{name}_later", IN_GROWTH, growth, stable))


IN_STARTUP = all_of(
    "in_startup",
    Condition("young", "registered_days", "<=", "startup_days_max"),
    Condition("little_revenue", REVENUE, "<=", "startup_revenue_cny_max"),
    clause="阶段划分（非官方）",
)
IN_GROWTH = Condition("in_growth", REVENUE, "<=", "growth_revenue_cny_max")
STAGES = ("startup", "growth", "stable")
PARTS = {
    name: by_stage(f"{name}_points", *(group(stage, name) for stage in STAGES)) for name in GROUPS
}

POLICY = Policy(
    id="cn.innovation_points",
    zh="企业创新积分（可配置，非官方指标表）",
    en="Innovation points (configurable, not the official table)",
    issuer="Techflow（依科技部“创新积分制”框架）",
    official=False,
    versions=(
        Version(
            since=date(2024, 8, 12),
            document="科技部办公厅《“创新积分制”工作指引（全国试行版）》",
            mark=unverified("0.5"),
            outcomes=(
                Value(
                    "stage",
                    "发展阶段",
                    "Stage",
                    by_stage(
                        "rank", *(Fixed(f"{stage}_stage", f"{stage}_rank") for stage in STAGES)
                    ),
                    (("1", "startup"), ("2", "growth"), ("3", "stable")),
                ),
                Value(
                    "score", "创新积分", "Innovation points", total_points("all", *PARTS.values())
                ),
                Value("technology_score", "技术创新得分", "Technology points", PARTS["technology"]),
                Value(
                    "operation_score",
                    "成长经营得分",
                    "Growth and operation points",
                    PARTS["operation"],
                ),
                Value("auxiliary_score", "辅助指标得分", "Auxiliary points", PARTS["auxiliary"]),
            ),
        ),
    ),
)
