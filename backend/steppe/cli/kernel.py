"""`steppe kernel`: Jupyter kernels in which every cell is a step."""

from __future__ import annotations

import json

import click

from steppe.cli.asking import as_json


@click.group("kernel")
def command() -> None:
    """Install a Jupyter kernel in which every cell is a step from the start; list and remove such kernels.

    With it nbconvert, Quarto, Jupyter Book and others that run notebooks run again only what has changed.
    """


@command.command("install")
@click.option("--name", default="steppe", show_default=True, help="What it is chosen by.")
@click.option("--display-name", "title", default="Python 3 (Steppe)", show_default=True, help="What people see.")
@click.option("--user", is_flag=True, help="For this user, in whichever environment Jupyter runs.")
@click.option("--prefix", default=None, metavar="FOLDER", help="For that environment.  [default: this one]")
@as_json
def install(name: str, title: str, user: bool, prefix: str | None, json_only: bool) -> None:
    """Install the kernel of this Python."""
    from steppe.notebooks import kernels

    made = kernels.install(name, title, user=user, prefix=prefix)
    if json_only:
        click.echo(json.dumps({"name": made.name, "title": made.title, "folder": made.folder, "python": made.python}))
    else:
        click.echo(f"{made.title} is installed as `{made.name}`, in {made.folder}")


@command.command("list")
@as_json
def list_(json_only: bool) -> None:
    """List Steppe's kernels."""
    from steppe.notebooks import kernels

    found = kernels.installed()
    if json_only:
        rows = [
            {"name": each.name, "title": each.title, "folder": each.folder, "python": each.python} for each in found
        ]
        click.echo(json.dumps({"kernels": rows}))
        return
    for each in found:
        click.echo(f"{each.name}  {each.title}  {each.folder}")
    if not found:
        click.echo("none is installed: `steppe kernel install` makes one.")


@command.command("remove")
@click.argument("name", default="steppe")
@as_json
def remove(name: str, json_only: bool) -> None:
    """Remove the kernel NAME, which is `steppe` where nothing is said. Results stay."""
    from steppe.notebooks import kernels

    gone = kernels.remove(name)
    if json_only:
        click.echo(json.dumps({"name": gone.name, "folder": gone.folder}))
    else:
        click.echo(f"{gone.folder} was removed.")
