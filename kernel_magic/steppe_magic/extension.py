"""Turns Steppe on and off in an IPython shell."""

from __future__ import annotations

import atexit
import os
from pathlib import Path
from typing import Any

from steppe.engine import current
from steppe.engine.session import Session
from steppe.errors import SteppeError, UsageError
from steppe.settings import load_project
from steppe.values import rebuild
from steppe.worker.tracebacks import pruning
from steppe_magic import identity
from steppe_magic.ahead import load_ahead
from steppe_magic.cells import Cells
from steppe_magic.commands import StepMagics
from steppe_magic.completion import Completion, Looking
from steppe_magic.idle import collect_when_idle
from steppe_magic.transformer import blank_step_line

WRAPPED = ("run_ast_nodes", "_get_exc_info")
OLDEST = (8, 18)
MAGICS = (("cell", "step"), ("line", "steppe"))


def load(shell: Any) -> Cells:
    """Turn Steppe on; a second time changes nothing.

    Raises:
        UsageError: IPython is too old, or the project's settings are wrong.
    """
    found: Cells | None = getattr(shell, "steppe_cells", None)
    if found is not None:
        return found
    _check_version()
    try:
        cells = _turn_on(shell)
    except SteppeError as error:
        raise UsageError(str(error)) from None
    return cells


def _check_version() -> None:
    import IPython

    if IPython.version_info[:2] < OLDEST:
        raise UsageError(
            f"Steppe needs IPython 8.18 or newer, and this is IPython {IPython.__version__}: "
            "`%pip install -U ipython ipykernel`, then restart the kernel."
        )


def _turn_on(shell: Any) -> Cells:
    project = load_project(Path.cwd(), os.environ)
    headless = identity.headless_run()
    path = identity.notebook_path(shell, project, headless.path if headless is not None else "")
    session = Session(
        shell,
        project,
        notebook=headless.notebook if headless is not None else identity.notebook_id(path, project),
        path=path,
        headless=headless,
    )
    cells = Cells(session, shell, shell.run_ast_nodes)
    shell.steppe_cells = cells
    shell.run_ast_nodes = cells.run_ast_nodes
    shell._get_exc_info = pruning(shell._get_exc_info)  # noqa: SLF001  # where every traceback is taken from
    shell.input_transformers_cleanup.append(blank_step_line)
    rebuild.SOURCES.append(cells.register_source)
    shell.register_magics(StepMagics(shell, cells))
    cells.wraps = [Completion(shell, cells), Looking(shell, cells)]
    cells.call_off = load_ahead(session)
    collect_when_idle(cells)
    current.begin(session)
    atexit.register(session.close)
    return cells


def unload(shell: Any) -> None:
    """Turn Steppe off: the values of steps stay, and cells run as if it had never been there."""
    cells: Cells | None = shell.__dict__.pop("steppe_cells", None)
    if cells is None:
        return
    cells.call_off()
    cells.session.on_end = lambda: None
    for name in WRAPPED:
        shell.__dict__.pop(name, None)
    if blank_step_line in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.remove(blank_step_line)
    rebuild.SOURCES.remove(cells.register_source)
    for wrap in reversed(cells.wraps):
        wrap.stop()
    for kind, name in MAGICS:
        shell.magics_manager.magics[kind].pop(name, None)
    try:
        cells.materialise_all()
    finally:
        current.end(cells.session)
        cells.session.close()
        identity.give_back(cells.session.headless)
        atexit.unregister(cells.session.close)
