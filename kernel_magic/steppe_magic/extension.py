"""Turns Steppe on and off in an IPython shell."""

from __future__ import annotations

import atexit
import os
from pathlib import Path
from typing import Any

from steppe.engine.session import Session
from steppe.settings import load_project
from steppe.values import rebuild
from steppe_magic import identity
from steppe_magic.cells import Cells
from steppe_magic.commands import StepMagics
from steppe_magic.tracebacks import pruning
from steppe_magic.transformer import blank_step_line


def load(shell: Any) -> Cells:
    """Turn Steppe on; a second time changes nothing."""
    found: Cells | None = getattr(shell, "steppe_cells", None)
    if found is not None:
        return found
    project = load_project(Path.cwd(), os.environ)
    headless = identity.headless_run()
    path = headless.path if headless is not None else ""
    session = Session(
        shell,
        project,
        notebook=headless.notebook if headless is not None else "",
        path=identity.notebook_path(shell, project, path),
        headless=headless,
    )
    cells = Cells(session, shell, shell.run_ast_nodes)
    shell.steppe_cells = cells
    shell.run_ast_nodes = cells.run_ast_nodes
    shell._get_exc_info = pruning(shell._get_exc_info)  # noqa: SLF001  # where every traceback is taken from
    shell.input_transformers_cleanup.append(blank_step_line)
    rebuild.SOURCES.append(cells.register_source)
    shell.register_magics(StepMagics(shell, cells))
    atexit.register(session.close)
    return cells


def unload(shell: Any) -> None:
    """Turn Steppe off."""
    cells: Cells | None = shell.__dict__.pop("steppe_cells", None)
    if cells is None:
        return
    for name in ("run_ast_nodes", "_get_exc_info"):
        shell.__dict__.pop(name, None)
    if blank_step_line in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.remove(blank_step_line)
    rebuild.SOURCES.remove(cells.register_source)
    cells.materialise_all()
    cells.session.close()
    atexit.unregister(cells.session.close)
