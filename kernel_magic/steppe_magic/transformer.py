"""`%%step` in a cell's text: recognised without side effects, since IPython transforms text whenever it likes."""

from __future__ import annotations

import re

STEP = re.compile(r"%%step(?=\s|$)(?P<line>[^\n]*)")


def split(raw: str) -> tuple[str, str] | None:
    """Return the magic's line and the body under it, or None where a cell is no `%%step`.

    In the body, the magic's line is left empty, so that line numbers in tracebacks are those of the cell.
    """
    text = raw.lstrip("\n \t\r")
    found = STEP.match(text)
    if found is None:
        return None
    return found["line"].strip(), "\n" + text[found.end() :].removeprefix("\n")


def blank_step_line(lines: list[str]) -> list[str]:
    """Take the `%%step` line out of a cell (an IPython input transformer).

    Another cell magic under it takes the first line's place, where IPython looks for one.
    """
    first = next((i for i, line in enumerate(lines) if line.strip()), None)
    if first is None or not STEP.match(lines[first].lstrip()):
        return lines
    rest = lines[first + 1 :]
    under = next((i for i, line in enumerate(rest) if line.strip()), None)
    if under is not None and rest[under].startswith("%%"):
        return blank_step_line(rest[under:])
    return [*lines[:first], "\n", *rest]


blank_step_line.has_side_effects = False  # type: ignore[attr-defined]  # IPython asks for it
