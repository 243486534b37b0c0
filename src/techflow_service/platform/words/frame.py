"""Words of the frame around every page, of the first page and of failures."""

WORDS = {
    "app.name": ("科技金融平台", "Techflow"),
    "frame.home": ("首页", "Home"),
    "frame.firms": ("企业", "Firms"),
    "frame.office": ("后台管理", "Back office"),
    "frame.places": ("栏目", "Places"),
    "frame.skip": ("跳到正文", "Skip to content"),
    "frame.language": ("English", "中文"),
    "frame.as_of": ("数据截至", "As of"),
    "frame.day_form": ("年-月-日，如 2026-01-31", "such as 2026-01-31"),
    "frame.show": ("查看", "Show"),
    "frame.sign_in": ("登录", "Sign in"),
    "frame.sign_out": ("退出", "Sign out"),
    "frame.wear": ("切换身份", "Switch role"),
    "frame.search": ("查找企业", "Find a firm"),
    "frame.security": ("账户安全", "Account security"),
    "home.title": ("今日事项", "Today"),
    "home.no_run": (
        "尚未载入评估结果。请平台管理员运行数据载入任务。",
        "No assessment is loaded yet. An administrator loads one with `techflow jobs load`.",
    ),
    "failure.absent": (
        "没有这个页面，或您无权知晓其内容。如需查看某家企业，请向企业申请授权。",
        "There is no such page, or none that you may know of. To read a firm, ask it for consent.",
    ),
    "failure.forbidden": ("您当前的身份不能执行此操作。", "Your present role may not do this."),
    "failure.csrf": (
        "表单已过期，内容未保存。请返回、刷新页面后重试。",
        "The form is too old and nothing was kept. Go back, reload the page and try again.",
    ),
    "failure.method": ("此地址不接受这种请求。", "This address does not answer to that method."),
    "failure.broken": (
        "系统出错，本次操作未保存。请稍后重试；如仍出错，请联系管理员。",
        "Something failed on our side and nothing was kept. Try again; if it persists, tell an "
        "administrator.",
    ),
    "failure.too_often": (
        "操作过于频繁，本次未受理。请等几分钟再试。",
        "That was asked too often, so it was not done. Wait a few minutes and try again.",
    ),
    "failure.sign_in": ("请先登录。", "Sign in first."),
    "failure.no_membership": (
        "您的账户尚未加入任何机构，请联系管理员。",
        "Your account is in no organisation yet; ask an administrator.",
    ),
    "failure.title": ("无法完成", "Not possible"),
    "failure.home": ("返回首页", "Back home"),
}
