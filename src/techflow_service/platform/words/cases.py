"""Words that pages of consents, requests, contests and reviews share."""

WORDS = {
    "cases.org": ("机构", "Organisation"),
    "cases.purpose": ("用途", "Purpose"),
    "cases.parts": ("内容", "Parts"),
    "cases.since": ("开始", "From"),
    "cases.until": ("到期", "Until"),
    "cases.until_on": ("有效期至（含当日）", "Until the end of"),
    "cases.message": ("说明", "Message"),
    "cases.state": ("状态", "State"),
    "cases.answer": ("答复", "Answer"),
    "cases.outcome": ("处理结果", "Outcome"),
    "cases.reasons": ("理由", "Reasons"),
    "cases.send_answer": ("提交答复", "Send the answer"),
    "cases.withdraw": ("撤回", "Withdraw"),
    "cases.choose": ("请选择", "Choose"),
    "cases.comma": ("、", ", "),
    "cases.colon": ("：", ": "),
    "cases.earlier": ("上一页", "Previous page"),
    "cases.further": ("下一页", "Next page"),
    "said.granted": ("已授权，即时生效。", "Granted, from now on."),
    "said.revoked": (
        "已撤回。该机构的下一次查询即被拒绝。",
        "Revoked. The organisation's next request is refused.",
    ),
    "said.accepted": ("已同意，授权即时生效。", "Accepted; the consent holds from now on."),
    "said.declined": ("已拒绝。", "Declined."),
    "said.sent": (
        "如平台上有这家企业，它已收到您的申请。平台不透露企业是否存在。",
        "If there is such a firm here, it has your request. We do not say whether there is.",
    ),
    "said.withdrawn": ("已撤回。", "Withdrawn."),
    "said.opened": ("已提交。", "Sent."),
    "said.answered": ("答复已记录，企业可以看到。", "The answer is kept and the firm sees it."),
    "wrong.title": ("未保存，请更正：", "Nothing was kept. Please put right:"),
    "wrong.whom": ("请选择机构和用途。", "Choose an organisation and purpose from the list."),
    "wrong.parts": ("请至少勾选一项内容。", "Tick at least one part."),
    "wrong.until_on": (
        "到期日应在今天或以后，且不超过五年（建议值）。",
        "The last day is today or later, and within five years (a proposal).",
    ),
    "wrong.text": (
        "授权文本已更新，请阅读新文本后再提交。",
        "The text of consent has changed; read the new one, then send again.",
    ),
    "wrong.lapsed": (
        "申请的期限已过，不能再同意。",
        "The time asked for is over, so this can no longer be accepted.",
    ),
    "wrong.asked": (
        "请填写18位统一社会信用代码（校验位应正确）或带体系的企业编号，如 own:A-001。",
        "Give a unified social credit code of 18 characters whose check digit is right, or a firm "
        "id with its scheme, such as own:A-001.",
    ),
    "wrong.message": ("说明不超过500字。", "A message has at most 500 characters."),
    "wrong.twice": (
        "您已向该编号提交过申请，尚未得到答复。",
        "You have asked this id already and there is no answer yet.",
    ),
    "wrong.item": ("请选择要提出异议的数据项。", "Choose the fact that is wrong."),
    "wrong.contest_twice": (
        "该数据项的异议正在处理。",
        "A contest of this fact is open already.",
    ),
    "wrong.claimed_value": (
        "请填写您认为正确的内容（不超过500字）。",
        "Say what is right instead, in at most 500 characters.",
    ),
    "wrong.reason": (
        "请填写理由（不超过2000字）。",
        "Give reasons, in at most 2,000 characters.",
    ),
    "wrong.state": ("请选择处理结果。", "Choose an outcome."),
    "wrong.org": ("请选择可查阅本企业的银行。", "Choose a bank that may read your firm."),
    "wrong.refused": ("请选择被拒绝的事项。", "Choose what was refused."),
    "wrong.review_twice": (
        "您已就该事项向这家银行提出复核，尚未得到答复。",
        "You have asked this bank about this already and there is no answer yet.",
    ),
}
