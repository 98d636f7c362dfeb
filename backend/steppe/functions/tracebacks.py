"""The traceback of an error without the frames that are ours: what is left is the user's own code, and libraries'."""

from __future__ import annotations

import os
import types

OURS = os.path.join(os.path.dirname(os.path.dirname(__file__)), "")


def pruned(traceback: types.TracebackType | None) -> types.TracebackType | None:
    """Return a traceback without our frames; as it is where there would be none left."""
    found = []
    each = traceback
    while each is not None:
        if not each.tb_frame.f_code.co_filename.startswith(OURS):
            found.append(each)
        each = each.tb_next
    made: types.TracebackType | None = None
    for each in reversed(found):
        made = types.TracebackType(made, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return made or traceback
