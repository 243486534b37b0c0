"""What a caller of lending is told when a move is not made."""


class Refused(Exception):
    """Nothing was kept.

    Attributes:
        codes: Keys under `problem.` of the words.
    """

    def __init__(self, codes: list[str]) -> None:
        super().__init__(", ".join(codes))
        self.codes = codes


class Absent(Exception):
    """There is none, or none that the member may know of."""
