"""Words of what a request may not be."""

WORDS = {
    "failure.page_too_large": (
        "内容超过 3 MB，未接收。请减小文件后重试。",
        "That is larger than 3 MB and nothing was kept. Send a smaller file.",
    ),
}
