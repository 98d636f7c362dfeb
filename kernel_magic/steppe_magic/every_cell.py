"""What the kernel of `steppe kernel install` begins with: Steppe is on, and every cell is a step.

An extension of IPython, named on the kernel's own command line: nothing of it is in the notebook.
"""

from __future__ import annotations

from typing import Any

from steppe_magic.extension import load


def load_ipython_extension(shell: Any) -> None:
    """Turn Steppe on, and have every cell be a step from the first on."""
    load(shell).auto = True
