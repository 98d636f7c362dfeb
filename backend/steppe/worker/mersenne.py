"""Tells whether one state of a Mersenne Twister comes from another by nothing but drawing.

A generator that nobody was seen to seed may have been seeded all the same: by a function that was imported before
anyone watched, or by another way to it. A state that draws alone can't lead to was set by somebody. So it is drawn
again, from the last state that is known, until the state is met or patience ends.

Python's `random` and NumPy's `numpy.random` are both MT19937 (Matsumoto and Nishimura, 1998): 624 words of 32 bits,
from which as many numbers are made before all of them are made anew.
"""

from __future__ import annotations

import time
from random import Random

WORDS = 624
BITS = 32
TOLD = 4
"""How many words of a block are compared; that so many are alike by chance is not to be expected."""
BATCH = 200
"""Blocks that are drawn between two looks at the clock: about a millisecond."""

Words = tuple[int, ...]


def leads_to(words: Words, position: int, later: Words, later_position: int, patience: float) -> bool:
    """Tell whether a state comes from an earlier one by drawing.

    Args:
        words: the earlier state's 624 words.
        position: how many of them were used, 0 to 624.
        later: the later state's words.
        later_position: how many of those were used.
        patience: seconds after which it counts as not so.
    """
    if words == later:
        return later_position >= position
    until = time.monotonic() + patience
    met, again = _block(later), Random()  # noqa: S311  # it is the very generator that is asked about
    again.setstate((3, (*words, WORDS), None))
    size = WORDS * BITS // 8
    while True:
        drawn = again.getrandbits(WORDS * BITS * BATCH).to_bytes(size * BATCH, "little")
        if any(drawn.startswith(met, start) for start in range(0, size * BATCH, size)):
            return True
        if time.monotonic() > until:
            return False


def _block(words: Words) -> bytes:
    """Return the first numbers that a state's words give, as they are drawn."""
    first = Random()  # noqa: S311
    first.setstate((3, (*words, 0), None))
    return first.getrandbits(TOLD * BITS).to_bytes(TOLD * BITS // 8, "little")
