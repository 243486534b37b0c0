"""NPL tolerance in the assessment of banks (不良贷款容忍度): no negative assessment within it.

Source: 国家金融监督管理总局 2024-01-12 《关于加强科技型企业全生命周期金融服务的通知》 (small and
micro technology enterprises); 银保监发〔2019〕34号 (intellectual-property pledge).
"""

from datetime import date

from techflow.policy import (
    Condition,
    Excess,
    Policy,
    Version,
    all_of,
    any_of,
    free_of,
    unverified,
)

IP_PLEDGE = any_of(
    "ip_pledge",
    free_of("has_ip_pledge_loans", "知识产权质押融资", mark=unverified("0.85")),
    Condition(
        "ip_pledge_npl",
        Excess("npl_ip_pledge_share", "npl_all_share"),
        "<=",
        "ip_pledge_excess_max",
    ),
)
TECH_SMALL = any_of(
    "tech_small",
    free_of("has_tech_small_loans", "小微科技型企业贷款"),
    Condition(
        "tech_small_npl",
        Excess("npl_tech_small_share", "npl_all_share"),
        "<=",
        "tech_small_excess_max",
    ),
)

POLICY = Policy(
    id="cn.npl_tolerance",
    zh="不良贷款容忍度（科技型小微企业、知识产权质押融资）",
    en="NPL tolerance for small technology firms and IP pledge",
    issuer="国家金融监督管理总局",
    versions=(
        Version(
            since=date(2019, 1, 1),  # of 2019; the day is not known
            document="银保监发〔2019〕34号",
            mark=unverified("0.5"),
            test=all_of("tolerated", IP_PLEDGE),
        ),
        Version(
            since=date(2024, 1, 12),
            document="金发〔2024〕2号；银保监发〔2019〕34号",
            mark=unverified("0.7"),
            test=all_of("tolerated", TECH_SMALL, IP_PLEDGE),
        ),
    ),
)
