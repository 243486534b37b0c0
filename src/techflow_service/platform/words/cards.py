"""Words of the register of models."""

WORDS = {
    "model.title": ("模型登记", "Models"),
    "model.answer": (
        "{on} 登记模型 {n} 个，其中已批准 {approved} 个；{predicts} 个作前瞻预测；"
        "本次评估使用 {used} 个。",
        "{n} models are registered on {on}, {approved} of them approved. {predicts} forecast; the "
        "run used {used}.",
    ),
    "model.all": ("全部模型", "All models"),
    "model.card": ("模型", "Model"),
    "model.status": ("状态", "Status"),
    "model.in_run": ("本次评估使用", "Used in the run"),
    "model.review": ("复审期限", "Review by"),
    "model.hash": ("指纹", "Fingerprint"),
    "model.yes": ("是", "yes"),
    "model.no": ("否", "no"),
    "model.colon": ("：", ": "),
    "model.population": ("适用总体", "Population"),
    "model.use": ("用途", "Use"),
    "model.limits": ("局限", "Limits"),
    "model.approval": ("批准", "Approval"),
    "model.owner": ("负责人", "Owner"),
    "model.other_hash": (
        "本次评估使用的内容为 {then}，现在的内容为 {now}。",
        "The run used content {then}; the content now is {now}.",
    ),
    "model.exposure": ("单户上限：{most}元", "Most to one borrower: {most} CNY"),
    "model.no_exposure": ("单户上限：未设定", "Most to one borrower: not set"),
    "model.since": ("{developed} 建模；状态截至 {on}", "developed {developed}; status as of {on}"),
    "model.metric": ("指标", "Metric"),
    "model.value": ("数值", "Value"),
    "model.interval": ("95%区间", "95 % interval"),
    "model.rows": ("样本数", "Rows"),
    "model.how": ("如何检验", "How it was tested"),
    "metric.auc": ("AUC（区分能力）", "AUC"),
    "metric.ap": ("平均精度", "Average precision"),
    "metric.ks": ("KS 统计量", "KS"),
    "metric.brier": ("布赖尔分数（越低越好）", "Brier score (lower is better)"),
    "metric.mean_pd_over_rate": ("平均预测概率与实际比率之比", "Mean forecast over rate"),
    "metric.mae_ratio": ("平均绝对误差与基准之比", "Mean absolute error over baseline"),
    "metric.coverage": ("区间覆盖率", "Coverage of the interval"),
    "metric.r2": ("R²（解释比例）", "R²"),
    "model.unknown_approval": (
        "随系统提供的模型均无批准；使用机构须在自己的登记册中批准。",
        "No model that comes with the system is approved; whoever uses one approves it in a "
        "register of its own.",
    ),
    "model.unknown_drift": (
        "尚未存储漂移监测结果；可用命令 techflow credit drift 计算。",
        "No result on drift is stored; `techflow credit drift` works it out.",
    ),
    "model.unknown_elsewhere": (
        "指标来自所列样本，不保证在其他总体上成立；没有区间的指标只作参考。",
        "Metrics are those of the samples named and need not hold for others; those without an "
        "interval are for orientation only.",
    ),
}
