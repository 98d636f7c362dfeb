"""Matplotlib's colour maps: the table that one makes of its colours when it is first used is left out.

Whether a map was used is nothing that code sees, and a module's own, such as `cm.gray`, is used by whoever draws first.
"""

from __future__ import annotations

import copy
import sys
from typing import Any

from steppe.values.reduced import is_users, put_object, put_state_of
from steppe.values.walk import Encoder, Walk

TABLE = "_lut"
"""The attribute that holds the table."""


def _holders(attributes: dict[str, Any]) -> int:
    return sys.getrefcount(attributes[TABLE])


ALONE = _holders({TABLE: object()})
"""How many holders a table has that its colour map alone holds."""


def _put_colormap(walk: Walk, value: Any) -> None:
    """Write a colour map; its table only where that is not the one that it would make again, or others may hold it."""
    from matplotlib.colors import LinearSegmentedColormap, ListedColormap

    if type(value) not in (LinearSegmentedColormap, ListedColormap):
        put_object(walk, value)
        return
    made_anew = TABLE not in vars(value) or (_holders(vars(value)) <= ALONE and _is_its_own(value))
    put_state_of(walk, value, leave_out=(TABLE, "_isinit") if made_anew else ())


def _is_its_own(value: Any) -> bool:
    """Tell whether the table of a colour map is the one that it would make."""
    if any(map(is_users, getattr(value, "_segmentdata", {}).values())):
        return False
    made = copy.copy(value)
    try:
        made._init()  # noqa: SLF001  # as its first use does
    except Exception:  # its colours were changed: the table tells more than they
        return False
    return _bytes(vars(made)[TABLE]) == _bytes(vars(value)[TABLE])


def _bytes(table: Any) -> tuple[Any, ...]:
    return type(table), table.dtype, table.shape, table.strides, table.flags.writeable, table.tobytes()


colormap: tuple[Encoder, bool] = (_put_colormap, True)

__all__ = ["colormap"]
