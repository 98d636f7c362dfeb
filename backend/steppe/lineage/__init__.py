"""What is known of what was run: graphs, why, logs, what can go. Called, the package is `steppe.lineage(x)`."""

from __future__ import annotations

import sys
import types
from typing import Any


class _Lineage(types.ModuleType):
    """This package, which is also a function of the public API."""

    def __call__(self, *value: Any, **asked: Any) -> Any:
        """Return what made a value and what was made from it, as a card: `up()`, `down()`, and shown in a cell.

            steppe.lineage(model)
            [node.name for node in steppe.lineage(model).up("step")]
            steppe.lineage(file="train.csv").down(type="sklearn")    # every model that was trained on this file
            steppe.lineage(parameter={"lr": 0.1}).mermaid()

        Only values need a notebook with Steppe on; the rest works in any process of the project.

        Args:
            value: as it is now; a later change of it is another value.
            asked: instead of a value, one of `what=` (a name, an id, a version), `file=`, `commit=`, `package=` and
                `parameter=`; see `steppe lineage`. Beside any: `up=` and `down=`, the steps to go back and on.

        Raises:
            steppe.errors.UsageError: no step has made or read it.
        """
        from steppe.lineage.asked import lineage

        return lineage(*value, **asked)


sys.modules[__name__].__class__ = _Lineage
