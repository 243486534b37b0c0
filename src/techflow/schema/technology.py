"""What technology says of each firm: its flow, what its patents are worth, what they secure."""

from techflow.schema.firms import FIRM
from techflow.schema.model import Column, Table, code, count, day, number, text

FIRM_ID = FIRM.column("firm_id")
STAGES = {
    "start": ("初创期", "Start"),
    "growth": ("成长期", "Growth"),
    "mature": ("成熟期", "Mature"),
}
DIMENSIONS = {
    "input": ("研发投入", "R&D input"),
    "output": ("创新产出", "Output"),
    "breadth": ("技术广度", "Breadth"),
    "team": ("创新团队", "Team"),
    "recognition": ("外部认可", "Recognition"),
    "conversion": ("成果转化", "Conversion to revenue"),
    "control": ("自主可控", "Independent control"),
}
VALUE_REASONS = {
    "no_patent": ("没有已授权且仍有效的专利", "No patent is granted and in force"),
    "no_technology_revenue": (
        "未申报高新技术产品（服务）收入，无法估值",
        "Revenue from high-tech products is not declared, so there is no value",
    ),
}
PLEDGE_REASONS = {
    "no_value": ("专利没有估值", "The patents have no value"),
    "no_default_probability": ("无违约概率，无法测算折扣", "No default probability, so no haircut"),
    "kind_not_taken": ("产品不接受这些专利类型", "The product takes none of these kinds"),
}
ROYALTY_BASES = {
    "declared": ("企业申报", "Declared"),
    "industry": ("行业常见区间（未核实）", "Usual range of the industry (unverified)"),
}


def _points(name: str, zh: str, en: str) -> Column:
    return number(name, zh, en, "points", low=0, high=100)


def _share(name: str, zh: str, en: str) -> Column:
    return number(name, zh, en, "share", low=0, high=1)


def _cny(name: str, zh: str, en: str) -> Column:
    return number(name, zh, en, "cny", low=0)


TECHNOLOGY = Table(
    "technology",
    "技术流与专利价值",
    "Technology flow and patent value",
    ("firm_id",),
    (
        FIRM_ID,
        code("flow_stage", "技术流权重所用阶段", "Stage that sets the weights", STAGES),
        _points("flow_score", "技术流得分", "Technology-flow score"),
        text("flow_level", "技术流等级", "Technology-flow level"),
        _share("flow_known_share", "已知权重占比", "Known part of the weight"),
        _points("flow_score_min", "得分下界（未知项计0）", "Lowest score (unknown items earn 0)"),
        _points("flow_score_max", "得分上界（未知项计满分）", "Highest score (they earn 100)"),
        *(_points(f"flow_{k}_points", f"{v[0]}贡献", f"{v[1]}") for k, v in DIMENSIONS.items()),
        text("flow_strong_zh", "强项", "Strengths (Chinese)"),
        text("flow_strong_en", "强项（英文）", "Strengths"),
        text("flow_weak_zh", "弱项", "Weaknesses (Chinese)"),
        text("flow_weak_en", "弱项（英文）", "Weaknesses"),
        text("flow_missing_zh", "未知项", "Not known (Chinese)"),
        text("flow_missing_en", "未知项（英文）", "Not known"),
        count("flow_peers_n", "同行可比企业数", "Peers with a score"),
        _share("flow_peer_rank_share", "同行中得分更低者占比", "Share of peers that score lower"),
        *(
            _points(f"flow_peer_{k}_points", f"同行{v[0]}贡献中位数", f"Peers' median: {v[1]}")
            for k, v in DIMENSIONS.items()
        ),
        count("patents_in_force_n", "有效专利数", "Patents in force"),
        _cny(
            "technology_revenue_cny",
            "高新技术产品（服务）收入（申报，不超过实际销售）",
            "Revenue from technology (declared, at most what sales show)",
        ),
        _share("royalty_share", "许可费率", "Royalty rate"),
        code("royalty_basis", "许可费率来源", "Source of the royalty rate", ROYALTY_BASES),
        _cny("patent_value_low_cny", "专利价值（5% 分位）", "Value of patents, 5 % quantile"),
        _cny("patent_value_median_cny", "专利价值（中位数）", "Value of patents, median"),
        _cny("patent_value_high_cny", "专利价值（95% 分位）", "Value of patents, 95 % quantile"),
        _cny("patent_value_mean_cny", "专利价值（均值）", "Value of patents, mean"),
        code("patent_value_reason_code", "无估值原因", "Why there is no value", VALUE_REASONS),
        _share("largest_patent_share", "最大单件专利价值占比", "Share of the largest patent"),
        _share("patent_value_hhi_share", "专利价值集中度", "Concentration of value (HHI)"),
        _share("pledge_cap_share", "产品质押率上限", "Cap of the product"),
        _share("haircut_share", "质押折扣", "Haircut"),
        _share("loan_to_value_share", "质押率", "Loan to value"),
        _cny("pledge_value_cny", "质押可担保额", "What the pledge secures"),
        code("pledge_reason_code", "无质押额原因", "Why no pledge value", PLEDGE_REASONS),
    ),
)

PATENT_VALUE = Table(
    "patent_value",
    "单件专利价值",
    "Value of each patent",
    ("firm_id", "patent_id"),
    (
        FIRM_ID,
        text("patent_id", "专利编号", "Patent id", required=True),
        code(
            "patent_kind",
            "专利类型",
            "Kind",
            {
                "invention": ("发明", "Invention"),
                "utility": ("实用新型", "Utility model"),
                "design": ("外观设计", "Design"),
            },
        ),
        day("term_ends_on", "保护期届满日", "First day without protection"),
        number("legal_life_left_years", "剩余保护年数", "Legal life left", "year"),
        _cny("patent_value_mean_cny", "价值（均值）", "Mean value"),
    ),
)
"""Patents in force with a part in the firm's value; the parts add up to the firm's mean."""
