"""`steppe run`: a notebook from its first cell to its last, with its steps' progress."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from steppe.notebooks.marks import Steps


@click.command("run")
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where the executed notebook goes.")
@click.option("-p", "--parameter", "pairs", nargs=2, multiple=True, metavar="NAME VALUE", help="A parameter's value.")
@click.option("-y", "--yaml", "yaml_text", multiple=True, metavar="YAML", help="Parameters as YAML, or @FILE.")
@click.option("--steps", type=click.Choice([steps.value for steps in Steps]), default=Steps.TAGGED.value)
@click.option("--on", default="", metavar="EXECUTOR", help="Where steps run that name no place.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, help="How many steps may run side by side.")
@click.option(
    "--refresh", multiple=True, is_flag=False, flag_value="*", metavar="[STEP]", help="Run though it would hit."
)
@click.option("--kernel", default=None, help="The kernel's name, instead of the notebook's own.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document at the end, and nothing else.")
def command(
    notebook: Path,
    output: Path | None,
    pairs: tuple[tuple[str, str], ...],
    yaml_text: tuple[str, ...],
    steps: str,
    on: str,
    jobs: int,
    refresh: tuple[str, ...],
    kernel: str | None,
    as_json: bool,
) -> None:
    """Run NOTEBOOK from its first cell to its last; steps that nothing has changed for are not run again."""
    from steppe.cli.progress import Lines
    from steppe.notebooks.run import run_notebook

    lines = None if as_json else Lines()
    outcome = run_notebook(
        notebook,
        output,
        parameters={**_from_yaml(yaml_text), **{name: _value(text) for name, text in pairs}},
        steps=Steps(steps),
        on=on,
        jobs=jobs,
        refresh=refresh,
        kernel=kernel,
        progress=None if lines is None else lines.show,
    )
    if lines is None:
        click.echo(json.dumps(outcome.document()))
    else:
        lines.finish(outcome)
    sys.exit(0 if outcome.status == "succeeded" else 130 if outcome.status == "cancelled" else 1)


def _from_yaml(texts: tuple[str, ...]) -> dict[str, Any]:
    import yaml

    found: dict[str, Any] = {}
    for text in texts:
        given = Path(text[1:]).read_text() if text.startswith("@") else text
        table = yaml.safe_load(given)
        if not isinstance(table, dict):
            raise click.BadParameter(f"{text!r} is no YAML mapping of names to values", param_hint="-y")
        found.update(table)
    return found


def _value(text: str) -> Any:
    """Return a parameter's value as papermill reads it: numbers, booleans and None are what they look like."""
    from papermill.cli import _resolve_type

    return _resolve_type(text)
