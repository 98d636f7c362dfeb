"""The one place that knows IPython's text transforms: magics, `!` lines, help and prompts to Python."""

from __future__ import annotations

import ast
import functools
import re
import warnings
from typing import TYPE_CHECKING

from steppe.analysis.tree import BROKEN, parse

if TYPE_CHECKING:
    from IPython.core.inputtransformer2 import TransformerManager

_ODD = re.compile(r"^[ \t]+$|>>>|\.\.\.:|In \[|^\s*%|\A\s|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029\r]", re.MULTILINE)
"""What IPython may change in text that is valid Python as it stands: blank lines, prompts; and odd ends of lines."""

_STEP = re.compile(r"%%step(?: (.*))?")
_LEADING = re.compile(r"\A(?:[^\S\n]*\n)*")


@functools.cache
def _manager() -> TransformerManager:
    from IPython.core.inputtransformer2 import TransformerManager

    return TransformerManager()


def to_python(cell: str) -> str:
    """Return the Python source that IPython runs for a cell, when nobody has added transforms of their own.

    Raises:
        SyntaxError: a transform refuses the cell.
    """
    return parsed(cell)[0]


def parsed(cell: str) -> tuple[str, ast.Module | None]:
    """Return what `to_python` does, with its tree where that had to be made.

    IPython changes nothing in a cell that is valid Python as it stands, but for a few oddities: then its transforms,
    which cost more than everything else that is asked of a cell, are not asked.

    Raises:
        SyntaxError: a transform refuses the cell.
    """
    if not _ODD.search(cell):
        try:
            return (cell if cell.endswith("\n") else cell + "\n"), parse(cell)
        except BROKEN:
            pass
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return str(_manager().transform_cell(cell)), None


def split_step(cell: str) -> tuple[str, str] | None:
    """Split a cell that IPython would hand to the cell magic `%%step`.

    Returns:
        The rest of the magic's line, and the cell with everything up to that line's end made empty lines, so that
        line numbers stay (`to_body` transforms it); None where the cell is no step, `%%step?` included.
    """
    if "%%step" not in cell:
        return None
    lines = (cell if cell.endswith("\n") else cell + "\n").splitlines(keepends=True)
    count = len(lines)
    for clean in _manager().cleanup_transforms:
        lines = clean(lines)
    match = _STEP.fullmatch(lines[0].rstrip()) if lines else None
    if match is None:
        return None
    dropped = count - len(lines)
    return (match.group(1) or "").strip(), "\n" * (dropped + 1) + "".join(lines[1:])


def to_body(body: str) -> str:
    """Return the Python source of a step's body, with the empty lines before it kept.

    IPython drops the empty lines that a cell begins with; those of a step stand for its magic line.

    Raises:
        SyntaxError: a transform refuses the cell.
    """
    text = _LEADING.sub("", body, count=1)
    return "\n" * body[: len(body) - len(text)].count("\n") + (to_python(text) if text.strip() else "")


def ends_silent(cell: str) -> bool:
    """Tell whether a cell's last token is `;`, for which IPython does not show the last value."""
    import io
    import tokenize

    if ";" not in cell:
        return False
    last = ""
    try:
        for token in tokenize.generate_tokens(io.StringIO(cell).readline):
            if token.type not in (tokenize.ENDMARKER, tokenize.NL, tokenize.NEWLINE, tokenize.COMMENT):
                last = token.string
    except (tokenize.TokenError, SyntaxError):
        return False
    return last == ";"
