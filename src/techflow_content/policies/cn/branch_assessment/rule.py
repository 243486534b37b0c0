"""Assessment of a branch's technology finance (分支机构科技金融考核): a scheme of our own.

No weights are public. The split of 100 points follows the central bank's evaluation of 2011 of
credit policy for small firms (80 quantitative, 20 qualitative); change it in the parameters.
"""

from datetime import date

from techflow.policy import PROPOSAL, Judged, Policy, Value, Version, total_points

SCORE = total_points(
    "score",
    Judged("quantitative", "branch_quantitative_points", "quantitative_points_max"),
    Judged("qualitative", "branch_qualitative_points", "qualitative_points_max"),
)

POLICY = Policy(
    id="cn.branch_assessment",
    zh="分支机构科技金融考核（建议方案）",
    en="Assessment of a branch's technology finance (our proposal)",
    issuer="本项目建议",
    official=False,
    versions=(
        Version(
            since=date(2025, 4, 1),
            document="建议方案；参照《银行业保险业科技金融高质量发展实施方案》（2025-04-01）",
            mark=PROPOSAL,
            outcomes=(Value("branch_points", "考核得分", "Points of the branch", SCORE),),
        ),
    ),
)
