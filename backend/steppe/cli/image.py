"""`steppe image`: a Dockerfile with the packages of the kernel."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from steppe.cli.asking import as_json
from steppe.errors import UsageError

if TYPE_CHECKING:
    from steppe.lineage.locks import Lock

TOLD = 5
"""How many names are listed."""


@click.command("image")
@click.argument("notebook", type=click.Path(path_type=Path), required=False)
@click.option("-o", "--output", default="Dockerfile", show_default=True, help="Where it goes; - prints it.")
@click.option("--base", default="", metavar="IMAGE", help="What it begins with.  [default: python:VERSION-slim]")
@click.option(
    "--with",
    "beside",
    multiple=True,
    metavar="WHAT",
    help="In place of what the lock has: a wheel, NAME==VERSION, NAME @ URL.",
)
@click.option("--without", multiple=True, metavar="NAME", help="Leave this package of the lock out.")
@click.option("--force", is_flag=True, help="Write over a file that is not as this command has written it.")
@as_json
def command(
    notebook: Path | None,
    output: str,
    base: str,
    beside: tuple[str, ...],
    without: tuple[str, ...],
    force: bool,
    json_only: bool,
) -> None:
    """Write a Dockerfile for pods that steps run in: with Steppe, and with just the packages that a kernel had.

    They are those that the last run of NOTEBOOK, or of the project, has recorded; without any run, those that are
    installed here. Nothing is built.
    """
    from steppe.notebooks.dockerfile import recipe, written

    lock = _lock(notebook)
    folder = Path(output).parent if output != "-" else Path()
    about = f"Python {lock.python} with the {len(lock.packages)} packages "
    about += f"of the run {lock.run}" if lock.run else "that were installed beside Steppe"
    beside = tuple(_in_context(each, folder) for each in beside)
    made = recipe(lock.packages, lock.python, about, base=base, beside=beside, without=without)
    text = written(made, Path(output).name if output != "-" else "Dockerfile")
    if output != "-":
        _write(Path(output), text, force=force)
    if json_only:
        document = {"output": output, "base": made.base, "python": made.python, "run": lock.run}
        click.echo(json.dumps({**document, "packages": made.lines, "left_out": made.left_out, "text": text}))
        return
    if output == "-":
        click.echo(text, nl=False)
    else:
        click.echo(f"{output}: {about}. Its first lines say how to build it.")
    for said in _notes(made.left_out, made.lines):
        click.echo(f"warning: {said}", err=True)


def _lock(notebook: Path | None) -> Lock:
    """Return the lock to write it from."""
    from steppe.lineage import locks
    from steppe.lineage.opened import opened
    from steppe.notebooks.source import read

    identity = None
    folder = Path.cwd()
    if notebook is not None:
        from steppe.settings import load_project

        folder = notebook.parent
        identity = read(notebook).identity(load_project(folder, os.environ).root)
    with opened(folder) as here:
        found = None if here is None else locks.latest(here.catalog, here.store, identity)
    return found or locks.here()


def _in_context(text: str, folder: Path) -> str:
    """Return what is given with --with; a wheel's path as it is from the folder of the Dockerfile."""
    if not text.endswith(".whl") or "@" in text:
        return text
    path = Path(text)
    if not path.is_file():
        raise UsageError(f"--with {text}: there is no such wheel.")
    inside = os.path.relpath(path.resolve(), folder.resolve())
    if inside.startswith(".."):
        raise UsageError(
            f"--with {text}: a build sees only the folder of its Dockerfile, so put the wheel into {folder.resolve()}."
        )
    return inside


def _write(path: Path, text: str, *, force: bool) -> None:
    from steppe.notebooks.dockerfile import is_ours

    try:
        if path.exists() and not force and not is_ours(path.read_text("utf-8", "replace")):
            raise UsageError(
                f"{path} is not as `steppe image` has written it: give another --output, or --force to write over it."
            )
        path.write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}.") from error


def _notes(left_out: dict[str, str], lines: tuple[str, ...]) -> list[str]:
    """Say what a build or a step may lack."""
    said: list[Any] = [
        f"{name} came from {came}, and is not in it: steps that need it find it only with `--with` and a wheel of it."
        for name, came in left_out.items()
    ]
    local = [line for line in lines if "==" in line and "+" in line.partition("==")[2]]
    if local:
        said.append(f"{', '.join(local[:TOLD])}: an index of its own has that, and the build needs its uv.toml.")
    tools = [line.partition(" @ ")[0] for line in lines if " @ git+" in line]
    if tools:
        said.append(f"{', '.join(tools[:TOLD])} come from git, which the base image has to have.")
    return said
