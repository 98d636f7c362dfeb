"""What is known of what was run: graphs, why, logs, what can go. Called, the package is `steppe.lineage(x)`."""

from __future__ import annotations

import sys
import types
from typing import Any


class _Lineage(types.ModuleType):
    """This package, which is also a function of the public API."""

    def __call__(self, value: Any, *, up: int = 5, down: int = 2) -> Any:
        """Return what made a value and what was made from it, as a card: `up()`, `down()`, and shown in a cell.

            steppe.lineage(model)
            [node.name for node in steppe.lineage(model).up() if node.kind == "step"]

        Args:
            value: as it is now; a later change of it is another value.
            up: steps to go back from it.
            down: steps to go on from it.

        Raises:
            steppe.errors.UsageError: no step has made or read it.
        """
        from steppe.lineage.asked import lineage

        return lineage(value, up=up, down=down)


sys.modules[__name__].__class__ = _Lineage
