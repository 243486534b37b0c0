"""What follows from a rule alone, worked out once and kept with the rule."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

V = TypeVar("V")


class Memo:
    """Values by kind and node.

    Nodes are told apart by identity: to hash a tree costs more than most answers. So a node must
    be one that lives as long as its rule.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[Hashable, int], tuple[Any, Any]] = {}

    def of(self, kind: Hashable, node: Any, make: Callable[[], V]) -> V:
        """The value of a kind for a node, made when it is first asked for.

        Args:
            kind: What is asked.
            node: Of which node of the rule.
            make: Makes the value; whatever it reads must follow from the rule.
        """
        key = (kind, id(node))
        found = self._known.get(key)
        # A copied rule keeps the ids of the old one.
        if found is None or found[0] is not node:
            found = self._known[key] = (node, make())
        return cast(V, found[1])
