"""Systems of coordinates and vectors of sympy: they have no version, and are never stored.

Reading one back from a pickle makes its base vectors again, without their names in LaTeX, and sympy's own cache then
hands these out to whoever makes such a vector later. So even to try it would change what later cells show.
"""

from __future__ import annotations

from typing import Any

from steppe.values.walk import Encoder, Walk, refuse


def _refuse(walk: Walk, value: Any) -> None:
    raise refuse(value, "sympy would hand out what is read back, without its names, in the place of the first")


kept_by_sympy: tuple[Encoder, bool] = (_refuse, True)
