"""Words of the credit report and of the page that checks one."""

WORDS = {
    "pdf.title": ("企业信用报告", "Credit report"),
    "pdf.made": ("制作于", "made"),
    "pdf.why": ("理由", "Why"),
    "pdf.ask": ("请补充：{what}", "Ask for: {what}"),
    "pdf.rate": ("利率构成", "Rate and its parts"),
    "pdf.limit": ("额度", "Limit"),
    "pdf.flow": ("技术流", "Technology flow"),
    "pdf.value": ("专利及价值", "Patents and their value"),
    "pdf.qualifications": ("资质", "Qualifications"),
    "pdf.kind": ("结论性质", "What kind of verdict"),
    "pdf.cash": ("资金与经营", "Cash and accounts"),
    "pdf.network": ("供应链", "Supply network"),
    "pdf.evidence": ("证据时效", "Evidence"),
    "pdf.hidden": ("未授权内容", "Not granted"),
    "pdf.sources": ("来源与版本", "Sources and versions"),
    "pdf.program": ("系统版本", "Program"),
    "pdf.card": ("评分卡", "Card"),
    "pdf.store": ("数据版本", "Store version"),
    "pdf.content": ("内容指纹 {name}", "Fingerprint of {name}"),
    "pdf.foot": (
        "本报告以文件指纹封存，可在平台“核验报告”页核对。数值为评估日所知，不构成放款承诺。",
        'Sealed by its fingerprint; the platform\'s page "Verify a report" checks it. Figures are '
        "as known on the day of the assessment and promise no loan.",
    ),
    "pdf.get": ("信用报告（PDF）", "Credit report (PDF)"),
    "verify.title": ("核验报告", "Verify a report"),
    "verify.how": (
        "选择 PDF 文件，或填写其 SHA-256 指纹。文件只用于计算指纹，不会保存。",
        "Choose the PDF, or give its SHA-256. The file is only fingerprinted, never kept.",
    ),
    "verify.file": ("PDF 文件", "PDF file"),
    "verify.hash": ("SHA-256 指纹", "SHA-256"),
    "verify.check": ("核验", "Check"),
    "verify.yes": (
        "是本平台制作的报告，内容未改动：制作于 {made}，数据截至 {as_of}，{language}。",
        "This platform made it and it is unchanged: made {made}, as of {as_of}, {language}.",
    ),
    "verify.no": (
        "平台没有封存过这个文件：不是本平台制作，或内容已被改动。",
        "No such file was sealed here: it is not of this platform, or it was changed.",
    ),
    "verify.bad": (
        "指纹应为 64 位十六进制字符；文件不超过 2 MB。",
        "A SHA-256 has 64 hexadecimal digits; a file has 2 MB at most.",
    ),
    "verify.zh": ("中文版", "Chinese"),
    "verify.en": ("英文版", "English"),
}
