"""Finding a firm by its name, in characters or in pinyin."""


def search_text(name: str | None, firm_id: str) -> str:
    """What a search looks into: name, pinyin, initials and id, in lower case.

    Args:
        name: Name of the firm.
        firm_id: Its id.

    Examples:
        >>> search_text("深圳锐维", "cn:1")
        '深圳锐维 shenzhenruiwei szrw cn:1'
    """
    from pypinyin import Style, lazy_pinyin

    plain = (name or "").lower()
    return " ".join(
        (
            plain,
            "".join(lazy_pinyin(plain)),
            "".join(lazy_pinyin(plain, style=Style.FIRST_LETTER)),
            firm_id.lower(),
        )
    )
