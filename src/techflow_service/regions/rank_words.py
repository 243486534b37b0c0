"""Words of the page of ranks."""

from techflow.credit import Words

TIERS = {
    "top": Words("前列", "first third"),
    "improved": Words("进步", "improved"),
    "none": Words("—", "—"),
    "unknown": Words("资料不足", "too little known"),
}
UNKNOWABLE = (
    Words(
        "官方的区域评价指标与权重未公开；这里的指标、权重与奖励规则均为建议，不代表任何部门的评价",
        "Indicators and weights of the official evaluation are not public; these indicators, "
        "weights and this rule are proposals and stand for no authority's verdict",
    ),
    Words(
        "没有贷款、担保、保险与股权投资的分地区数据：本页衡量创新投入产出，不衡量金融服务本身的成效",
        "There are no loans, guarantees, insurance or equity by region in these data: the page "
        "measures innovation in and out, not what financial services brought about",
    ),
    Words(
        "排名不是因果：产业结构、高校院所、总部所在地与人口均未剔除；能否归因见“效应”页",
        "A rank is no cause: industry, universities, seats of headquarters and people are not "
        "allowed for; see region effect",
    ),
    Words(
        "专利按授权计数，不论质量；技术合同记在卖方所在地，个别年份由少数大额合同决定；金额为当年价",
        "Patents are counted when granted, whatever their worth; contracts are booked where the "
        "seller sits and a few large ones can make a year; money is in current prices",
    ),
    Words(
        "统计数字本身的误差未公布，区间未含这部分，因此偏窄",
        "Errors of the statistics themselves are not published; the intervals leave them out and "
        "are too narrow",
    ),
)
HEAD = [
    Words("地区", "Region"),
    Words("名次（区间）", "Rank (interval)"),
    Words("此前名次", "Rank before"),
    Words("前三分之一的概率", "Chance of first third"),
    Words("名次上升的概率", "Chance of a better rank"),
    Words("领先下一位的概率", "Chance to lead the next"),
    Words("奖励", "Reward"),
    Words("最强项", "Strongest"),
    Words("最弱项", "Weakest"),
    Words("若最弱项居中", "If the weakest stood in the middle"),
    Words("缺少", "Not known"),
]
NEXT = (
    Words(
        "先核对数字：本页末尾列出来源，“缺少”一列列出缺项。原始数字有误或缺报的，更正后名次随之改变。",
        "Check the figures first: the sources stand below, what is not known in the last column. "
        "Where a figure is wrong or was not reported, correct it and rank again.",
    ),
    Words(
        "再看“若最弱项居中”一列：它说明补上最弱项能使名次变化多少；区间仍重叠的，不必为名次投入。",
        "Then read “If the weakest stood in the middle”: how far mending the weakest would move "
        "the rank. Where the intervals still overlap, spend nothing for the sake of the rank.",
    ),
    Words(
        "权重与本地任务不符的，改权重重算并把两种结果一起给人看，例如 --weight rd_intensity=0。",
        "Where a weight does not fit the task, move it, rank again and show both results, for "
        "example --weight rd_intensity=0.",
    ),
    Words(
        "向谁学：“效率”页（techflow region efficiency）列出每个地区与谁相比；"
        "“效应”页（techflow region effect）说明哪些变化能归因于政策。",
        "Whom to learn from: the page of efficiency (techflow region efficiency) names whom each "
        "region is compared with; that of effects (techflow region effect) says which changes a "
        "measure may have caused.",
    ),
    Words(
        "不要为名次而多报授权、多登记合同：指标一旦成为目标，就不再说明什么。",
        "Do not grant or book more for the sake of the rank: an indicator that becomes the target "
        "tells nothing any more.",
    ),
)
