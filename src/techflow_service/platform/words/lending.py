"""Words of lending."""

from collections.abc import Mapping

from techflow.credit.lending_checks import PROBLEMS
from techflow.credit.lending_moves import MOVES, STATES
from techflow.credit.words import Words


def _told(area: str, words: Mapping[str, Words]) -> dict[str, tuple[str, str]]:
    """Words of the library as those of pages: sentences begin large."""
    return {
        f"{area}.{key}": (said.zh, said.en[:1].upper() + said.en[1:]) for key, said in words.items()
    }


WORDS = {
    "lending.title": ("贷款", "Loans"),
    "lending.watch": ("贷后预警", "Early warning"),
    "lending.apply": ("申请贷款", "Apply for a loan"),
    "lending.empty": (
        "没有这样的申请。请换一个状态；企业提交的申请会列在这里。",
        "No such application. Choose another state; what firms apply for is listed here.",
    ),
    "lending.none_lent": (
        "没有在贷款项。放款后的贷款会列在这里。",
        "No loan is running. Loans are listed here once they are paid out.",
    ),
    "lending.number": ("编号", "Number"),
    "lending.firm": ("企业", "Firm"),
    "lending.limit_known": (
        "{on} 的评估给出额度 {limit}元，也可申请其他金额。",
        "The assessment of {on} gives a limit of CNY {limit}; you may ask for another amount.",
    ),
    "lending.bank": ("银行", "Bank"),
    "lending.state": ("状态", "State"),
    "lending.moved": ("最近更新", "Last moved"),
    "lending.all": ("全部", "All"),
    "lending.purpose": ("用途", "Purpose"),
    "lending.booked_is": ("{move}：{text}", "{move}: {text}"),
    "lending.send": ("提交", "Send"),
    "lending.next": ("下一页", "Next page"),
    "lending.history": ("办理记录", "History"),
    "lending.now": ("可办事项", "What you can do"),
    "lending.yours": ("待您办理", "your turn"),
    "lending.nothing": ("目前无需您办理。", "Nothing is for you to do now."),
    "lending.asked": ("银行要求补充", "The bank asks for"),
    "lending.refused": ("未通过的理由", "Why it was not granted"),
    "lending.offer": ("报价方案", "Offer"),
    "lending.offer_stands": (
        "报价自批准日起{n}天内有效（本平台建议值）。",
        "An offer stands for {n} days from approval (our proposal).",
    ),
    "lending.assessment": ("评估结果", "Assessment"),
    "lending.override": ("评估调整", "Override"),
    "lending.reason": ("理由", "Reason"),
    "lending.reason_told": ("理由（将告知企业）", "Reason (told to the firm)"),
    "lending.not_made": ("未办理：", "Not done: "),
    "lending.who": ("办理人", "By"),
    "lending.what": ("事项", "Move"),
    "lending.figures": ("数据与依据", "Figures and basis"),
    "lending.at": ("时间", "At"),
    "lending.basis": (
        "依据：{as_of} 评估，模型 {card}，规则 {rule}",
        "Rests on: run of {as_of}, card {card}, rules {rule}",
    ),
    "lending.no_card": ("无", "none"),
    "lending.loan": ("贷款情况", "Loan"),
    "lending.days": ("逾期天数", "Days past due"),
    "lending.overdue": ("逾期金额（元）", "Overdue (CNY)"),
    "lending.owed": ("未还本息（元）", "Still to pay (CNY)"),
    "lending.next_due": ("下一还款日", "Next due"),
    "lending.class": ("五级分类", "Class"),
    "lending.at_least": ("至少{name}", "at least {name}"),
    "lending.why": ("预警原因", "Warning"),
    "lending.undecided": ("无法判定", "cannot be told"),
    "lending.class_note": (
        "分类为规则要求的下限，银行可从严；已减值而损失比例未知时只给出“至少”。"
        "依据：银保监会 中国人民银行令〔2023〕第1号",
        "The class is the best the rules allow; a bank may be stricter. Where a loan is impaired "
        "and its loss is not known, only \"at least\" is told. Source: CBIRC and PBoC Order [2023] "
        "No. 1",
    ),
    "lending.warned_n": (
        "{all} 笔贷款中 {n} 笔有预警",
        "{n} of {all} loans are warned of",
    ),
    "lending.books": ("资金池账簿", "Books of the pool"),
    "lending.booked": ("已入账，第 {n} 笔", "in the books, entry {n}"),
    "lending.to_book": ("待入账", "to be booked"),
    "lending.not_booked": (
        "账簿暂未接受（资金池管理人尚未入池确认时即如此），将再次提交",
        "not yet accepted by the books, as before the pool admits the loan; sent again later",
    ),
    "lending.file_note": (
        "只保存文件的SHA-256指纹，文件由银行自行保管。",
        "Only the SHA-256 fingerprint is kept; the bank keeps the file.",
    ),
    "lending.schedule": (
        "按月付息、到期还本，按实际天数除以360计息",
        "Interest monthly, principal at the end, actual days on 360",
    ),
    "term.amount_cny": ("金额（元）", "Amount (CNY)"),
    "term.term_months": ("期限（月）", "Term (months)"),
    "term.rate_pa": ("年利率", "Rate a year"),
    "term.rate_percent": ("年利率（%）", "Rate a year (%)"),
    "term.limit_cny": ("额度（元）", "Limit (CNY)"),
    "term.pd": ("违约概率", "PD"),
    "term.grade": ("等级", "Grade"),
    "term.verdict": ("结论", "Verdict"),
    "term.qualified": ("资质", "Qualifies as"),
    "lending.not_agreed": ("企业未授权查看", "the firm has not agreed to this look"),
    "lending.none_met": ("无", "none"),
    "lending.comma": ("、", ", "),
    "term.start_on": ("放款日", "Lent on"),
    "term.pool_id": ("资金池编号", "Pool"),
    "term.amount_fen": ("还款金额（元）", "Paid (CNY)"),
    "term.paid_on": ("还款日", "Paid on"),
    "term.owed_fen": ("未还本息（元）", "Still to pay (CNY)"),
    "term.overdue_fen": ("逾期金额（元）", "Overdue (CNY)"),
    "term.days_overdue": ("逾期天数", "Days past due"),
    "term.class_at_least_n": ("分类下限（1正常至5损失）", "Class at least (1 normal to 5 loss)"),
    "paper.loan_contract": ("借款合同", "Loan contract"),
    "paper.disbursement_record": ("放款凭证", "Record of disbursement"),
    "paper.repayment_record": ("还款凭证", "Record of repayment"),
    "paper.classification_record": ("分类认定书", "Record of classification"),
    "paper.overdue_record": ("逾期记录", "Record of arrears"),
    "paper.claim_form": ("补偿申请表", "Claim form"),
    "paper.loss_ledger": ("损失明细", "Ledger of the loss"),
    "paper.collection_record": ("催收记录", "Record of collection"),
    "problem.bank": ("请选择一家银行", "Choose a bank"),
    "problem.purpose": ("请写明用途", "Say what it is for"),
    "problem.token": (
        "表单编号无效，请刷新页面",
        "The form's number is not valid: reload the page",
    ),
    "problem.moved": (
        "他人已先行办理，请刷新页面查看",
        "Someone else was faster: reload the page and look again",
    ),
    "problem.no_consent": (
        "企业未授权本行查看评级，或无评估结果；请向企业申请授权",
        "The firm has not agreed to this bank's reading its grade, or has none: ask it for consent",
    ),
    "problem.no_run": ("尚未载入评估结果", "No assessment is loaded yet"),
    "problem.pool": ("请填写资金池编号", "Name the pool"),
    "problem.overpaid": ("还款超过未还本息", "More is paid than is owed"),
    "problem.date": (
        "日期无效：不得早于起始日或晚于今天",
        "The day is not valid: neither before the start nor after today",
    ),
    **_told("problem", PROBLEMS),
    **_told("state", STATES),
    **_told("move", {name: move.words for name, move in MOVES.items()}),
}  # fmt: skip
