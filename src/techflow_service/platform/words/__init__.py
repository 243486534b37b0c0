"""What people read, in both languages: `key: (zh, en)`. One module per part of the platform."""

from collections.abc import Mapping

from techflow_service.platform.words import firms, frame, roles

WORDS: Mapping[str, tuple[str, str]] = {**frame.WORDS, **roles.WORDS, **firms.WORDS}
