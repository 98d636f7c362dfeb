"""`%%step` in a cell's text: recognised without side effects, since IPython transforms text whenever it likes."""

from __future__ import annotations

import re

STEP = re.compile(r"%%step(?=\s|$)(?P<line>[^\n]*)")

_ABOVE = re.compile(r"\A(?:[ \t\r]*(?:#@[^\n]*)?\n|[ \t\r]+(?=%%))*")
"""What may stand above the magic's line: empty lines, and the `#@title` with which Colab names a form."""


def split(raw: str) -> tuple[str, str] | None:
    """Return the magic's line and the body under it, or None where a cell is no `%%step`.

    In the body, the magic's line is left empty, so that line numbers in tracebacks are those of the cell.
    """
    if "%%step" not in raw:
        return None
    above = _ABOVE.match(raw)
    text = raw[above.end() :] if above is not None else raw
    found = STEP.match(text)
    if found is not None:
        return found["line"].strip(), "\n" + text[found.end() :].removeprefix("\n")
    if raw.lstrip().startswith((">>>", "In [")):  # pasted with its prompts, which IPython takes out
        from steppe.analysis.transform import split_step

        return split_step(raw)
    return None


def blank_step_line(lines: list[str]) -> list[str]:
    """Take the `%%step` line out of a cell (an IPython input transformer).

    Another cell magic under it takes the first line's place, where IPython looks for one.
    """
    first = next((i for i, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#@")), None)
    if first is None or not STEP.match(lines[first].lstrip()):
        return lines
    rest = lines[first + 1 :]
    under = next((i for i, line in enumerate(rest) if line.strip()), None)
    if under is not None and rest[under].startswith("%%"):
        return blank_step_line(rest[under:])
    if under is not None and rest[under][:1].isspace():
        from IPython.core.inputtransformer2 import leading_indent  # as IPython does with a cell that begins indented

        rest = [*rest[:under], *leading_indent(rest[under:])]
    return [*lines[:first], "\n", *rest]


blank_step_line.has_side_effects = False  # type: ignore[attr-defined]  # IPython asks for it
