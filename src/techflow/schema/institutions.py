"""Tables about those who lend: institutions by period, branches, technology bonds."""

from techflow.schema.firms import CURRENCY
from techflow.schema.model import code, count, day, money, table, text, yes_no

INSTITUTION_ID = text("institution_id", "机构编号", "Institution id", required=True)
INSTITUTION_KINDS = {
    "policy": ("政策性银行", "Policy bank"),
    "large": ("大型银行", "Large bank"),
    "joint_stock": ("股份制银行", "Joint-stock bank"),
    "city": ("城市商业银行", "City bank"),
    "rural": ("农村商业银行", "Rural bank"),
    "foreign": ("外资银行", "Foreign bank"),
    "other": ("其他", "Other"),
}
INSTITUTION = table(
    "institution",
    "金融机构报表",
    "Institution report",
    "institution_id period_end_on",
    (
        INSTITUTION_ID,
        day("period_end_on", "报告期末", "Period end", required=True),
        text("name", "机构名称", "Name"),
        text("name_en", "英文名称", "English name"),
        code("institution_kind", "机构类型", "Kind", INSTITUTION_KINDS),
        CURRENCY,
        money("loans_all_lcy", "各项贷款余额", "All loans", low=0),
        money("nonperforming_all_lcy", "各项贷款不良余额", "Non-performing, all loans", low=0),
        money("technology_cost_lcy", "科技金融业务费用", "Cost of technology finance", low=0),
        count("technology_staff_n", "科技金融人员数", "Staff in technology finance"),
    ),
)

BRANCH = table(
    "branch",
    "分支机构",
    "Branch",
    "branch_id",
    (
        text("branch_id", "经办分支机构", "Branch", required=True),
        INSTITUTION_ID,
        text("name", "机构名称", "Name"),
        text("name_en", "英文名称", "English name"),
        text("region_code", "行政区划代码", "Division code", check="division"),
        yes_no("specialised", "是否科技支行", "Specialised in technology"),
        day("since", "起始日", "From", required=True),
    ),
)

BOND_DEAL = table(
    "bond_deal",
    "科技创新债券承销与投资",
    "Technology bond dealt",
    "bond_id institution_id bond_role",
    (
        text("bond_id", "债券编号", "Bond id", required=True),
        INSTITUTION_ID,
        code(
            "bond_role",
            "方式",
            "Role",
            {"underwritten": ("承销", "Underwritten"), "invested": ("投资", "Invested")},
            required=True,
        ),
        text("issuer_id", "发行人", "Issuer"),
        day("dealt_on", "成交日期", "Dealt on", required=True),
        CURRENCY,
        money("dealt_lcy", "金额", "Amount", required=True, low=0),
    ),
)
