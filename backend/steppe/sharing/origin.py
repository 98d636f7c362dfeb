"""Where a run came from: made here, or imported in a bundle, and then whether its maker is trusted by now."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

from steppe.catalog import Catalog
from steppe.sharing.makers import folder, own, trusted

SAID = "imported from a bundle of "
"""How the note begins that an import puts on a run; who made the bundle follows, as `Maker.told` says it."""

KEY = re.compile(r"\(key ([0-9a-f]{16})\)$")


def doubts(catalog: Catalog) -> Callable[[str], str]:
    """Return what says, of a run by its id, why its code is not to be run; nothing where it may be."""
    place = folder(os.environ)
    known = {own(place)[:16], *(maker.key[:16] for maker in trusted(place))} - {""}
    found: dict[str, str] = {}

    def doubt(run: str) -> str:
        if run not in found:
            found[run] = ""
            for note in catalog.notes.of("run", run):
                key = KEY.search(note.text)
                if note.text.startswith(SAID) and (key is None or key[1] not in known):
                    found[run] = (
                        f"its code came in a bundle of {note.text.removeprefix(SAID)}, whom you have not trusted so far"
                    )
        return found[run]

    return doubt
