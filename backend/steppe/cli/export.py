"""`steppe export`: a notebook's pipeline as a module, or for another scheduler."""

from __future__ import annotations

import json
from pathlib import Path

import click

from steppe.cli.asking import as_json
from steppe.errors import UsageError
from steppe.notebooks.marks import Steps

STEPS = click.option(
    "--steps",
    type=click.Choice([steps.value for steps in Steps]),
    default=Steps.TAGGED.value,
    show_default=True,
    help="Which cells are steps: those with %%step, those tagged `step` too, or all.",
)


@click.group("export")
def command() -> None:
    """Write the pipeline of a notebook for others: as a plain Python module, or for another scheduler.

    Nothing is executed, and the notebook is never written to.
    """


@command.command("script")
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where it goes.  [default: NOTEBOOK.py]")
@STEPS
@as_json
def script(notebook: Path, output: Path | None, steps: str, json_only: bool) -> None:
    """Write NOTEBOOK as a Python module: a function for each step, and one pipeline that runs to the same values.

    `python MODULE.py --NAME VALUE` runs it; the names are those of the cell that is tagged `parameters`. What a module
    can't do in the same way is refused, and the cell is named.
    """
    from steppe.exports.script import script_of

    _write(notebook, output or notebook.with_suffix(".py"), script_of(notebook, Steps(steps)), json_only=json_only)


@command.command("github")
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Where it goes.  [default: .github/workflows/NOTEBOOK.yml]"
)
@click.option("--cron", default="", metavar="LINE", help='When it runs by itself, in UTC: "0 6 * * 1" is Mondays at 6.')
@STEPS
@as_json
def github(notebook: Path, output: Path | None, cron: str, steps: str, json_only: bool) -> None:
    """Write a workflow of GitHub Actions that runs NOTEBOOK: by hand with its parameters, and at the times of --cron.

    One job runs it. What its steps make is kept from run to run, and the executed notebook with the run.
    """
    from steppe.exports.asked import repository_of
    from steppe.exports.github import workflow_of

    text = workflow_of(notebook, steps=Steps(steps), cron=cron)
    place = output or repository_of(notebook) / ".github" / "workflows" / f"{notebook.stem}.yml"
    _write(notebook, place, text, json_only=json_only)


@command.command("airflow")
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where it goes.  [default: NOTEBOOK_dag.py]")
@click.option("--cron", default="", metavar="LINE", help='When it runs by itself, in UTC: "0 6 * * 1" is Mondays at 6.')
@STEPS
@as_json
def airflow(notebook: Path, output: Path | None, cron: str, steps: str, json_only: bool) -> None:
    """Write a DAG of Airflow 3 in which each step of NOTEBOOK is a task, with retries and a timeout by its line.

    The tasks run `steppe run` in the project's folder. Parameters are the DAG's params.
    """
    from steppe.exports.airflow import dag_of

    text = dag_of(notebook, steps=Steps(steps), cron=cron)
    _write(notebook, output or notebook.with_name(f"{notebook.stem}_dag.py"), text, json_only=json_only)


@command.command("argo")
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where it goes.  [default: NOTEBOOK.argo.yaml]")
@click.option("--image", required=True, metavar="IMAGE", help="What the pods run; `steppe image` makes one.")
@click.option("--template", is_flag=True, help="Make a WorkflowTemplate, to start workflows of.")
@click.option("--volume", default="", metavar="CLAIM", help="A claim of a volume that has the repository on it.")
@click.option(
    "--folder", default="/project", show_default=True, metavar="PATH", help="Where the repository is in the pods."
)
@STEPS
@as_json
def argo(
    notebook: Path,
    output: Path | None,
    image: str,
    template: bool,
    volume: str,
    folder: str,
    steps: str,
    json_only: bool,
) -> None:
    """Write a workflow of Argo in which each step of NOTEBOOK is a pod, with what its line asks for.

    The pods share the project's store and catalog, or the volume of --volume. Parameters are arguments.
    """
    from steppe.exports.argo import workflow_of

    text = workflow_of(notebook, image=image, steps=Steps(steps), template=template, volume=volume, folder=folder)
    _write(notebook, output or notebook.with_suffix(".argo.yaml"), text, json_only=json_only)


def _write(notebook: Path, output: Path, text: str, *, json_only: bool) -> None:
    if output.exists() and output.samefile(notebook):
        raise UsageError(f"the output {output} is the notebook itself. Give another path with -o.")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(f"{output} can't be written: {error.strerror}. Give another path with -o.") from error
    if json_only:
        click.echo(json.dumps({"notebook": str(notebook), "path": str(output), "bytes": len(text.encode())}))
    else:
        click.echo(f"{output} was written.")
