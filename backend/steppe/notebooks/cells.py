"""The cells of a notebook that are steps, as the kernel will name them; by text and metadata alone."""

from __future__ import annotations

import re
from typing import Any

from steppe.analysis.magicline import name_on, parse_line
from steppe.analysis.options import Options, from_mapping
from steppe.analysis.transform import split_step
from steppe.errors import BadOption, UsageError
from steppe.notebooks.marks import Steps, is_skipped, mark
from steppe.settings import Settings

AUTO = re.compile(r"^\s*%steppe auto(?: +(on|off))?\s*$", re.MULTILINE)
"""What makes every following cell a step."""

OURS = re.compile(r"^\s*%(?:steppe|(?:re|un)?load_ext)\b", re.MULTILINE)
"""Cells that are none all the same."""


class CodeCell:
    """One cell of code.

    Attributes:
        id: its id.
        raw: as it is written.
        body: what is left of it without its `%%step` line.
        is_step: whether it is run as a step.
        name: the step's name; of a plain cell its id.
        options: what it asks for; None where `problem` says why they can't be known.
        problem: why its options can't be known without the kernel, or what is wrong with them; or empty.
        wrong: whether `problem` is one that the run will refuse.
    """

    def __init__(self, cell: Any, steps: Steps, settings: Settings, *, auto: bool = False) -> None:
        self.id = str(cell.get("id", ""))
        self.raw = str(cell.source)
        self.body: str | None = None
        self.name = self.id
        self.options: Options | None = None
        self.problem = ""
        self.wrong = False
        split = split_step(self.raw)
        given = mark(cell, steps)
        told = given.get("step", True) is not False if given is not None else auto
        self.is_step = split is not None or told
        if not self.is_step:
            return
        line = ""
        if split is not None:
            line, self.body = split
        self._read(line, given or {}, settings)

    def _read(self, line: str, given: dict[str, Any], settings: Settings) -> None:
        try:
            parsed = parse_line(line)
            unknown = parsed.expressions
            if unknown:
                self.problem = f"its line has {{{unknown[0].text}}}, which only the kernel can tell"
                texts = parsed.name or ()
                if all(isinstance(part, str) for part in texts):
                    self.name = "".join(map(str, texts)) or str(given.get("name") or self.id)
                return
            name, mapping = parsed.fill()
            self.name = name or str(given.get("name") or self.id)
            merged = {key: value for key, value in given.items() if key not in ("step", "name")} | mapping
            profile = merged.get("profile")
            if profile is not None and profile not in settings.profiles:
                known = ", ".join(sorted(settings.profiles)) or "none"
                raise BadOption("profile", profile, f"no such table in [tool.steppe.profiles]; there are: {known}")
            self.options = from_mapping(
                merged, name=self.name, profile=settings.profiles[profile] if profile is not None else None
            )
        except UsageError as error:
            self.name = name_on(line) or str(given.get("name") or self.id)
            self.problem, self.wrong = str(error), True


def code_cells(notebook: Any, steps: Steps, settings: Settings) -> list[CodeCell]:
    """Return the cells of code that have any, in order."""
    found = []
    auto = False
    for cell in notebook.cells:
        if cell.cell_type != "code" or not str(cell.source).strip() or is_skipped(cell):
            continue
        found.append(CodeCell(cell, steps, settings, auto=auto and not OURS.search(cell.source)))
        for switched in AUTO.finditer(cell.source):
            auto = switched.group(1) != "off"
    return found
