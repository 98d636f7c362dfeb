"""Where this process is. A folder that was removed under it has no name any more, and nothing is found in it."""

from __future__ import annotations

import os

GONE = "/(a folder that was removed)"


def here() -> str:
    """Return the working directory, or `GONE`: the user's code would go on, and so must what watches it."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        return GONE
