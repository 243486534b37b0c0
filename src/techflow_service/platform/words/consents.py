"""Words of consents, of requests for them, and of who looked."""

WORDS = {
    "consents.title": ("授权", "Consents"),
    "consents.lead": (
        "由本企业决定谁可以查阅、用于什么、到什么时候。撤回与授权同样方便，对下一次查询即生效。",
        "Your firm decides who reads what, for what and until when. Taking a consent back is as "
        "easy as giving it, and holds from the next request on.",
    ),
    "consents.asked": ("收到的申请", "Requests to you"),
    "consents.asked_note": (
        "同意即按申请的内容和期限授权，适用下方的授权文本。拒绝后申请机构会得知；"
        "不答复，则对方无从知道本企业是否在平台上。",
        "Accepting grants just what is asked for, under the text below. Declining tells the "
        "organisation; without an answer it does not learn whether your firm is here.",
    ),
    "consents.accept": ("同意", "Accept"),
    "consents.decline": ("拒绝", "Decline"),
    "consents.live": ("有效授权", "In force"),
    "consents.none": (
        "目前没有有效授权。在下方授权后，机构即可查阅。",
        "Nobody may read your firm now. Grant a consent below to let an organisation read.",
    ),
    "consents.version": ("文本版本", "Text"),
    "consents.revoke": ("撤回", "Revoke"),
    "consents.by_law": ("依法查阅：{basis}", "Read under law: {basis}"),
    "consents.grant": ("新增授权", "Grant a consent"),
    "consents.whom": ("机构和用途", "Organisation and purpose"),
    "consents.text": ("授权文本（版本 {version}）", "Text of consent (version {version})"),
    "consents.replaces": (
        "对同一机构、同一用途，新授权取代原授权。",
        "A new consent takes the place of an earlier one to the same organisation and purpose.",
    ),
    "consents.agree": ("同意并授权", "Agree and grant"),
    "consents.no_text": (
        "尚无授权文本，暂不能授权。请联系平台管理员。",
        "There is no text of consent yet, so none can be given; ask an administrator.",
    ),
    "consents.ended": ("已结束", "Ended"),
    "consents.ended_more": ("仅列最近 {n} 条。", "Only the latest {n}."),
    "consents.ended_at": ("结束", "Ended"),
    "consents.was_revoked": ("已撤回", "revoked"),
    "consents.was_over": ("已到期", "ran out"),
    "requests.title": ("授权申请", "Asking for consent"),
    "requests.lead": (
        "向企业申请授权。无论企业是否在平台上，答复都一样：由企业决定是否让您知道。",
        "Ask a firm for consent. The answer is the same whether or not the firm is here: the firm "
        "decides whether you learn it.",
    ),
    "requests.asked": ("企业编号或统一社会信用代码", "Firm id or credit code"),
    "requests.send": ("提交申请", "Send the request"),
    "requests.mine": ("我机构的申请", "Our requests"),
    "requests.asked_at": ("申请时间", "Asked"),
    "requests.open": ("待答复", "no answer yet"),
    "requests.lapsed": ("期限已过，未获答复", "ran out without an answer"),
    "requests.accepted": ("企业已同意", "the firm accepted"),
    "requests.declined": ("企业已拒绝", "the firm declined"),
    "requests.withdrawn": ("已撤回", "withdrawn"),
    "requests.given": ("有效授权：{n} 家", "In force: {n}"),
    "requests.none": (
        "目前没有企业授权给我机构。可在上方向企业申请。",
        "No firm lets us read it now. Ask one above.",
    ),
    "looks.title": ("谁查阅过", "Who looked"),
    "looks.lead": (
        "其他机构每次查阅本企业均有记录，记录不能更改或删除。"
        "同一日、同一机构、同一身份的查阅合为一行。",
        "Every look at your firm by others is recorded, and no record can be changed or deleted. "
        "Looks of one day by one organisation in one role are one row.",
    ),
    "looks.file": ("导出 CSV", "Export CSV"),
    "looks.file_note": (
        "逐次列出，最近 {n} 条以内。",
        "Look by look, up to the latest {n}.",
    ),
    "looks.day": ("日期", "Day"),
    "looks.read_at": ("时间", "When"),
    "looks.org": ("机构", "Organisation"),
    "looks.role": ("身份", "Role"),
    "looks.purpose": ("用途", "Purpose"),
    "looks.parts": ("内容", "Parts"),
    "looks.looks_n": ("次数", "Looks"),
    "looks.last_at": ("最近一次", "Latest"),
    "looks.none": (
        "还没有其他机构查阅过本企业。每次查阅都会列在这里。",
        "Nobody else has looked at your firm yet. Every look is listed here.",
    ),
}
