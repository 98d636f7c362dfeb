"""How far a step is by the bar that it draws: tqdm's, as text. Nothing of the step or of tqdm is touched for that."""

from __future__ import annotations

import re
from typing import NamedTuple

BAR = re.compile(
    r"^(?P<text>[^|]*?):?\s*(?P<share>\d{1,3})%\|[^|]*\|\s*(?P<done>[\d.]+)(?P<unit>[kMGTP]?)/(?P<total>[\d.]+)[kMGTP]?\s*\["
)
"""`reading:  40%|████      | 4/10 [00:01<00:02, 3.1it/s]`"""

UP = "\x1b[A"
"""What ends a bar that stands below another: an inner loop's."""


class Bar(NamedTuple):
    """The state of a bar: `done` of `total`, and what stands before it."""

    done: float
    total: float
    text: str


def last_bar(written: str) -> Bar | None:
    """Return the outermost bar as it was drawn last in what was written to a stream, or None where none was."""
    for piece in reversed(re.split(r"[\r\n]", written)):
        found = None if UP in piece else BAR.match(piece)
        if found is not None:
            text = found["text"].strip()
            if found["unit"] or "." in found["done"]:  # rounded: the share says more
                return Bar(float(found["share"]), 100.0, text)
            return Bar(float(found["done"]), float(found["total"]), text)
    return None
