"""`steppe manifest`: the Job that a step would be, or the Role that steps need."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from steppe.cli import completing
from steppe.cli.asking import as_json
from steppe.errors import UsageError
from steppe.notebooks.marks import Steps


@click.command("manifest")
@click.argument("notebook", type=click.Path(path_type=Path), required=False)
@click.argument("step", required=False, shell_complete=completing.steps)
@click.option(
    "--steps",
    type=click.Choice([steps.value for steps in Steps]),
    default=Steps.TAGGED.value,
    show_default=True,
    help="Which cells are steps: those with %%step, those tagged `step` too, or all.",
)
@click.option("--rbac", is_flag=True, help="Print the Role that running steps needs, and its binding, instead.")
@click.option("--namespace", default="default", show_default=True, help="For --rbac: where steps run.")
@click.option("--to", default=":default", show_default=True, metavar="WHO", help="For --rbac: USER, or SPACE:ACCOUNT.")
@click.option("--schedules", is_flag=True, help="For --rbac: with the right to make schedules there.")
@as_json
def command(
    notebook: Path | None,
    step: str | None,
    steps: str,
    rbac: bool,
    namespace: str,
    to: str,
    schedules: bool,
    json_only: bool,
) -> None:
    """Print the Kubernetes Job that STEP of NOTEBOOK would be, as YAML. Nothing is launched."""
    if rbac:
        from steppe.executors.kubernetes.rights import role, subject_of

        _print(role(namespace, subject_of(to, namespace), schedules=schedules), json_only=json_only)
        return
    if notebook is None or step is None:
        raise UsageError("give a notebook and the name of one of its steps, or --rbac.")
    from steppe.notebooks.manifests import manifest_of

    _print([manifest_of(notebook, step, Steps(steps))], json_only=json_only)


def _print(documents: list[dict[str, Any]], *, json_only: bool) -> None:
    if json_only:
        click.echo(json.dumps(documents[0] if len(documents) == 1 else documents))
        return
    import yaml

    click.echo(yaml.safe_dump_all(json.loads(json.dumps(documents)), sort_keys=False, allow_unicode=True), nl=False)
