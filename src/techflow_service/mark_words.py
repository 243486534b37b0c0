"""Marks of rules and numbers in words: the one place that says them to people."""

WORDS = {
    "text": ("原文", "read in the text"),
    "verified": ("已核实", "verified"),
    "unverified": ("未核实", "unverified"),
    "proposal": ("建议值", "proposal"),
    "operator": ("操作员输入", "entered by the operator"),
}
"""Kind -> zh, en."""
LANGUAGES = ("zh", "en")


def say_mark(mark: str, language: str) -> str:
    """A mark in words, with how sure we are.

    Args:
        mark: `text`, `proposal`, `verified`, or `unverified` and a probability.
        language: `zh` or `en`.

    Returns:
        The words; a mark of another kind stands for itself.

    Examples:
        >>> say_mark("unverified 0.95", "zh"), say_mark("text", "en"), say_mark("", "zh")
        ('未核实 0.95', 'read in the text', '')
    """
    kind, _, sure = mark.partition(" ")
    if kind not in WORDS:
        return mark
    return f"{WORDS[kind][LANGUAGES.index(language)]} {sure}".strip()


def tag_mark(mark: str, language: str) -> str:
    """A mark as commands print it: in Chinese the words, in English the code itself.

    Args:
        mark: As of `say_mark`.
        language: `zh` or `en`.

    Examples:
        >>> tag_mark("text", "zh"), tag_mark("unverified 0.9", "en")
        ('原文', 'unverified 0.9')
    """
    return say_mark(mark, language) if language == "zh" else mark
