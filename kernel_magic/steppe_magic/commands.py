"""The magics: `%steppe`, and `%%step`'s help and completion."""

from __future__ import annotations

from typing import Any

from IPython.core.magic import Magics, cell_magic, line_magic, magics_class

from steppe.errors import UsageError


@magics_class
class StepMagics(Magics):  # type: ignore[misc]  # IPython has no types
    """`%%step` and `%steppe`."""

    def __init__(self, shell: Any, cells: Any) -> None:
        super().__init__(shell)
        self.cells = cells

    @cell_magic
    def step(self, line: str, cell: str) -> None:
        """Make this cell a step of a pipeline: cached, traced, able to run anywhere."""
        del line
        self.shell.run_cell(cell)

    @line_magic
    def steppe(self, line: str) -> None:
        """Show and steer the pipeline of this notebook."""
        words = line.split()
        name = words[0] if words else "status"
        if name == "auto":
            self.cells.auto = not (len(words) > 1 and words[1] == "off")
        elif name == "status":
            for step in self.cells.steps:
                print(step.request.name, step.state, "; ".join(step.why))
        else:
            raise UsageError(f"%steppe has no command `{name}`.")
