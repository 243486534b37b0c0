"""What a caller is told when nothing was kept."""

from collections.abc import Iterable

from django.http import Http404


class Refused(Exception):
    """Nothing was kept.

    Attributes:
        area: Area of the words that say why.
        codes: Keys under `area` of the words.
    """

    area = "problem"

    def __init__(self, codes: Iterable[str]) -> None:
        self.codes = list(codes)
        super().__init__(", ".join(self.codes))


class Wrong(Refused):
    """What was sent about a consent, a request for one, a contest or a review cannot be kept."""

    area = "wrong"


class Absent(Http404):
    """There is none, or none that the member may know of: the server answers it as any 404."""
