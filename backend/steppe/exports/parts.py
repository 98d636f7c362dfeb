"""A notebook's cells as an export takes them: plain Python without magics, or a sentence that says why not."""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path
from typing import Any

from steppe.analysis.cell import Cell, analyse
from steppe.analysis.conduct import Conduct
from steppe.analysis.magicline import parse_line
from steppe.analysis.magics import Magic
from steppe.analysis.options import Options
from steppe.analysis.transform import split_step
from steppe.errors import UsageError
from steppe.exports.units import Unit, units_of
from steppe.notebooks.cells import CodeCell, code_cells
from steppe.notebooks.marks import Steps, mark
from steppe.notebooks.source import Source
from steppe.settings import load_project

DROPPED = frozenset({"autoreload", "colors", "matplotlib", "pinfo", "pinfo2", "quickref", "steppe", "xmode"})
"""Line magics that only say how a notebook shows things."""

EXTENSIONS = frozenset({"autoreload", "steppe"})
"""Extensions without which a script does the same."""

HISTORY = re.compile(r"_{1,3}|_i{1,3}|_i?\d+|_[di]h|_oh|In|Out|exit|quit|get_ipython")
"""Names that only a notebook's kernel has."""

_LEADING = re.compile(r"\A(?:[ \t]*\n)+")


class Part:
    """One cell of code.

    Attributes:
        number: which of the notebook's cells of code it is, from 1.
        title: what it is called in sentences.
        is_step: whether it is a step.
        name: the step's name; empty where the notebook gives it none.
        options: what the step asks for.
        given: the same as it is written, by option.
        parameters: whether it is the cell that a run's parameters go to.
        cell: its analysis, magics taken out.
        units: its statements.
    """

    def __init__(self, number: int, cell: CodeCell, metadata: Any, given: dict[str, Any]) -> None:
        """Read a cell.

        Raises:
            UsageError: it has what no script can do.
        """
        self.number = number
        self.title = _title(number, cell.raw)
        self.is_step = cell.is_step
        self.options = cell.options or Options()
        self.given = given
        self.name = cell.name if cell.name != cell.id or _is_named(cell.raw, given) else ""
        tags = metadata.get("tags", ())
        self.parameters = "parameters" in tags
        if "raises-exception" in tags:
            raise self.refused("is tagged `raises-exception`: a script ends at an error")
        if cell.is_step and cell.options is None:
            raise self.refused(cell.problem)
        try:
            self.cell = self._plain(cell.raw if cell.body is None else cell.body)
        except SyntaxError as error:
            raise self.refused(f"is no valid Python: {error.msg}") from None
        found = {self.cell.names.unbounded_reads, self.cell.names.unbounded_binds}
        if why := min(
            filter(None, found - {f"from {module} import *" for module in self.cell.names.star_imports}), default=""
        ):
            raise self.refused(f"may use any variable ({why}), which a function can't: name those that it uses")
        self.units: list[Unit] = units_of(self.cell.source, self.cell.tree)

    def refused(self, why: str) -> UsageError:
        """Return the error that says why it can't be exported."""
        return UsageError(f"{self.title} can't be exported: it {why}.")

    def _plain(self, text: str) -> Cell:
        """Take magics out of a cell, in place."""
        text = _LEADING.sub("", text)
        cell = analyse(text)
        while cell.magics:
            magic = cell.magics[0]
            lines = text.splitlines()
            at = magic.lineno - 1
            if magic.body is not None:
                if magic.name != "time" or magic.line.strip():
                    raise self._magic(magic)
                text = re.sub(r"^\s*%%time[^\n]*\n", "", text, count=1)
            else:
                written = lines[at].strip() if at < len(lines) else ""
                if not written.startswith(("%", "!", "?")) and not written.endswith("?"):
                    raise self._magic(magic)
                lines[at] = self._instead(magic, lines[at])
                text = "\n".join(lines) + "\n"
            text = _LEADING.sub("", text)  # as IPython does it, so that lines have the numbers that it gives them
            changed = analyse(text)
            if len(changed.magics) >= len(cell.magics) and changed.source == cell.source:
                raise self._magic(magic)
            cell = changed
        return cell

    def _instead(self, magic: Magic, line: str) -> str:
        """Return the line that does what a magic does."""
        margin = line[: len(line) - len(line.lstrip())]
        name = magic.name
        if name == "time":
            return margin + line.strip().removeprefix("%").removeprefix("time").strip()
        dropped = (
            name in DROPPED
            or (name in ("load_ext", "reload_ext") and magic.line.strip() in EXTENSIONS)
            or (name == "config" and magic.line.strip().startswith("InlineBackend"))
        )
        if not dropped or (name == "steppe" and "reset" in magic.line):
            raise self._magic(magic)
        return f"{margin}pass" if margin else ""

    def _magic(self, magic: Magic) -> UsageError:
        written = f"{magic.title}{'' if magic.title == '!' else ' '}{magic.line}".strip()
        kind = "starts a process with" if magic.conduct is Conduct.PROCESS else "has"
        return self.refused(f"{kind} `{written}`, which is no Python: write it as code")


def _is_named(raw: str, given: dict[str, Any]) -> bool:
    split = split_step(raw)
    return bool(given.get("name") or (split is not None and parse_line(split[0]).name))


def _title(number: int, raw: str) -> str:
    first = next((line.strip() for line in raw.splitlines() if line.strip()), "")
    return f"cell {number} (`{first if len(first) <= 60 else first[:59] + '…'}`)"


def parts_of(source: Source, steps: Steps) -> list[Part]:
    """Return a notebook's cells of code.

    Raises:
        UsageError: one of them has what no script can do, or the notebook is in another language.
    """
    if source.language != "python":
        raise UsageError(f"{source.path} is in {source.language}, and only Python's notebooks can be exported.")
    project = load_project(Path(source.path).parent, os.environ)
    notebook = source.notebook()
    cells = {str(cell.get("id", "")): cell for cell in notebook.cells}
    found = []
    for number, cell in enumerate(code_cells(notebook, steps, project.settings), start=1):
        raw = cells[cell.id]
        found.append(Part(number, cell, raw.metadata, _given(cell, raw, steps)))
    return found


def _given(cell: CodeCell, raw: Any, steps: Steps) -> dict[str, Any]:
    """Return a step's options as they are written: in the cell's metadata, and on its line, which wins."""
    if not cell.is_step or cell.options is None:
        return {}
    split = split_step(cell.raw)
    line = parse_line(split[0]).fill()[1] if split is not None else {}
    told = {key: value for key, value in (mark(raw, steps) or {}).items() if key not in ("step", "name")}
    return {**told, **line}


def is_future(node: ast.AST) -> bool:
    """Tell whether a statement is `from __future__ import …`."""
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"
