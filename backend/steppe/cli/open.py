"""`steppe open`: a past step with its inputs, in a notebook or a terminal."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from steppe.cli import completing
from steppe.cli.asking import as_json
from steppe.errors import UsageError

if TYPE_CHECKING:
    from steppe.opening import Past

COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@click.command("open")
@click.argument("id_", metavar="STEPRUN", shell_complete=completing.runs)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where the notebook goes.")
@click.option("--console", is_flag=True, help="Open IPython in this terminal instead, with the inputs bound.")
@click.option("--trust", is_flag=True, help="Use code that came in a bundle of somebody whom you have not trusted.")
@as_json
def command(id_: str, output: Path | None, console: bool, trust: bool, json_only: bool) -> None:
    """Open STEPRUN, a past step, to debug it: its inputs, functions, classes and setup as they were, and its code.

    A notebook is written whose first cell puts all of that into its kernel, and whose second is the step's code. Of a
    step that failed, the traceback is shown.
    """
    from steppe.lineage.opened import opened
    from steppe.opening import past
    from steppe.settings import make_state

    if console and (output is not None or json_only):
        raise UsageError("--console opens a terminal: it writes no notebook and no JSON.")
    with opened(Path.cwd()) as here:
        if here is None:
            raise UsageError("nothing is kept here yet: `steppe run NOTEBOOK` makes the first run.")
        found = past(id_, here, trust=trust)
        root = here.project.root
        name = re.sub(r"\W+", "-", found.step.step.name).strip("-") or "step"
        path = output or make_state(here.project) / "opened" / f"{name}-{found.step.id[:14]}.ipynb"
    for warning in found.warnings:
        click.echo(f"warning: {warning}", err=True)
    first = f"steppe.inputs_of({found.step.id!r}{', trust=True' if trust else ''})"
    if console:
        sys.exit(_console(found, first, root))
    if path.exists() and output is not None:
        raise UsageError(f"{path} is there already: give another path with -o.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_notebook(found, first), "utf-8")
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}. Give another path with -o.") from error
    if json_only:
        told = {"notebook": str(path), "step run": found.step.id, "step": found.step.step.name}
        click.echo(json.dumps({**told, "error": found.step.error}))
        return
    if found.traceback:
        click.echo(found.traceback.rstrip("\n"))
    click.echo(f"{path}: open it with `jupyter lab {os.path.relpath(path)}`, and run its first cell.")


def _notebook(found: Past, first: str) -> str:
    import nbformat
    from nbformat import v4

    step = found.step
    about = f"`{step.step.name}`, step run {step.id} ({step.state})."
    if found.traceback:
        about += f"\n\n```text\n{COLOURS.sub('', found.traceback).strip()}\n```"
    cells = [
        v4.new_markdown_cell(about),
        v4.new_code_cell(f"%load_ext steppe\nimport steppe\n\nlist({first})"),
        v4.new_code_cell(found.source),
    ]
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    text: str = nbformat.writes(v4.new_notebook(cells=cells, metadata={"kernelspec": spec}))
    return text


def _console(found: Past, first: str, root: str) -> int:
    """Run IPython in this terminal, and return its exit code."""
    click.echo(f"# {found.step.step.name}, step run {found.step.id} ({found.step.state})\n\n{found.source}\n")
    if found.traceback:
        click.echo(found.traceback.rstrip("\n") + "\n")
    begin = [
        "get_ipython().extension_manager.load_extension('steppe')",
        "import steppe",
        f"print('bound:', *{first})",
        f"get_ipython().set_next_input({found.source!r})",
    ]
    start = found.task.start if os.path.isdir(found.task.start) else root
    return subprocess.run(
        [sys.executable, "-m", "IPython", "-i", "-c", "\n".join(begin)], cwd=start, check=False
    ).returncode
