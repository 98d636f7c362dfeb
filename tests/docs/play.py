"""Runs cells, given as JSON on standard input, in an IPython shell, and ends with an error at the first that fails."""

import json
import sys

from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
for number, cell in enumerate(json.load(sys.stdin)):
    if not shell.run_cell(cell, store_history=True).success:
        sys.exit(f"cell {number} failed:\n{cell}")
print("STATES", json.dumps([str(step.state) for step in shell.steppe_cells.steps]))
