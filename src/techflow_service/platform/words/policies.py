"""Words of policies."""

WORDS = {
    "policy.title": ("政策", "Policies"),
    "policy.answer": (
        "{on} 有 {n} 项政策有效，其中 {text} 项的文号与日期已对照原文；"
        "本次评估对 {judged} 项逐家作了判断。",
        "{n} policies are in force on {on}; number and day of {text} were read in the text. The "
        "run judged its firms by {judged} of them.",
    ),
    "policy.counted": (
        "{yes} 家企业符合，{no} 家不符合，{unknown} 家因事实不全无法判断。",
        "{yes} firms qualify, {no} do not; for {unknown} the facts are not complete.",
    ),
    "policy.not_judged": (
        "本次评估没有按此政策判断企业，只列出条款。",
        "The run did not judge firms by this policy; its clauses are shown.",
    ),
    "policy.not_in_force": ("此政策在 {on} 无效。", "This policy is not in force on {on}."),
    "policy.policy": ("政策", "Policy"),
    "policy.document": ("文件", "Document"),
    "policy.since": ("生效日", "In force since"),
    "policy.mark": ("文号核实", "Mark of the text"),
    "policy.weakest": ("所依条款中最弱者", "Weakest mark it rests on"),
    "policy.yes": ("符合", "Qualify"),
    "policy.no": ("不符合", "Do not"),
    "policy.unknown": ("无法判断", "Cannot tell"),
    "policy.judged": ("有多少企业符合", "How many firms qualify"),
    "policy.others": ("其他有效政策", "Others in force"),
    "policy.others_note": (
        "本次评估没有按这些政策判断企业。",
        "The run did not judge firms by these.",
    ),
    "policy.versions": ("历次文本", "Texts over time"),
    "policy.clauses": ("条款", "Clauses"),
    "policy.what_if": ("若条件改变，谁会受益", "If a bound were another, who gains"),
    "policy.no_study": (
        "没有此政策的测算：它没有可改的数值门槛，或尚未计算。",
        "Nothing was worked out for this policy: it has no bound that is a number, or the job has "
        "not run.",
    ),
    "policy.tried": (
        "{name}：现为 {now}（{reference}，{mark}），{before} 家符合。"
        "下表为改成其他数值后的变化，事实截至 {on}。",
        "{name}: now {now} ({reference}, {mark}); {before} firms qualify. The table tells what "
        "other values would change, on the facts of {on}.",
    ),
    "policy.value": ("改为", "If it were"),
    "policy.more": ("符合企业数变化", "Change in firms that qualify"),
    "policy.open": ("无法判断", "Cannot tell"),
    "policy.where": ("在哪些地区", "Where"),
    "policy.few": ("{places}（各不足5家）", "{places} (under 5 each)"),
    "policy.yuan": ("元", " CNY"),
    "policy.unknown_facts": (
        "没有记录的事实视为未知，不当作不符合；企业补充材料后，数目会变。",
        "A fact that nobody recorded is unknown, not unmet; counts change as firms add papers.",
    ),
    "policy.unknown_marks": (
        "“未核实”后的数字是我们认为其正确的概率。",
        'The number after "unverified" is how likely we hold it to be right.',
    ),
    "policy.unknown_range": (
        "测算范围为现值的0.5至1.5倍，是建议值；企业不会因政策改变而改变行为，也不计财政成本。",
        "The range, 0.5 to 1.5 times the present value, is our proposal. Firms are held to behave "
        "as before, and the public cost is not counted.",
    ),
    "policy.unknown_few": (
        "少于5家的数目不显示；能由其他数目推出的也不显示。",
        "Counts under 5 are not shown, nor those from which they could be worked out.",
    ),
}
