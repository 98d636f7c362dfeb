"""A notebook as a workflow of GitHub Actions: one job that runs it, with its results kept from run to run."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

from steppe.exports.asked import Asked, check_cron, refuse_places, slugs
from steppe.exports.yaml_text import as_text
from steppe.notebooks.marks import Steps

OUTPUT = "executed"
"""The folder that the executed notebook goes to."""


def workflow_of(notebook: Path, *, steps: Steps = Steps.TAGGED, cron: str = "") -> str:
    """Return the text of a workflow that runs a notebook.

    Args:
        notebook: what to run.
        steps: which of its cells are steps.
        cron: when it runs by itself, in UTC; only when somebody starts it, where empty.

    Raises:
        UsageError: the notebook can't be read, or the cron line is none.
    """
    asked = Asked(notebook, steps)
    refuse_places(asked.notebook, "${{", "GitHub")
    if cron:
        check_cron(cron)
    return as_text(_workflow(asked, cron), f"The pipeline of {asked.source.path.name}, by `steppe export github`.")


def _workflow(asked: Asked, cron: str) -> dict[str, Any]:
    inputs = {
        each.name: {
            "description": each.about.replace("${{", "$ {{"),
            "type": "string",
            "required": False,
            "default": "",
        }
        for each in asked.parameters
    }
    on: dict[str, Any] = {"workflow_dispatch": {"inputs": inputs} if inputs else {}}
    if cron:
        on["schedule"] = [{"cron": cron}]
    job = {"runs-on": "ubuntu-latest", "steps": _steps(asked)}
    return {
        "name": asked.stem.replace("${{", "$ {{"),
        "on": on,
        "permissions": {"contents": "read"},
        "jobs": {"run": job},
    }


def _steps(asked: Asked) -> list[dict[str, Any]]:
    key = f"steppe-{slugs([asked.notebook])[asked.notebook]}-"
    name = asked.source.path.name
    run: dict[str, Any] = {
        "name": "Run the notebook",
        "run": f"mkdir -p {OUTPUT}\n{asked.command(output=f'{OUTPUT}/{name}')}\n",
    }
    if asked.parameters:
        run["env"] = {each.variable: f"${{{{ inputs.{each.name} }}}}" for each in asked.parameters}
    fresh = f"{key}${{{{ github.run_id }}}}-${{{{ github.run_attempt }}}}"
    return [
        {"uses": "actions/checkout@v4"},
        {
            "uses": "actions/setup-python@v5",
            "with": {"python-version": f"{sys.version_info.major}.{sys.version_info.minor}"},
        },
        {"name": "Install", "run": _install(asked)},
        {
            "name": "Restore what earlier runs have made",
            "uses": "actions/cache/restore@v4",
            "with": {"path": asked.state, "key": fresh, "restore-keys": key},
        },
        run,
        {
            "name": "Keep what this run has made",  # of a run that failed, too: the next goes on from there
            "if": "always()",
            "uses": "actions/cache/save@v4",
            "with": {"path": asked.state, "key": fresh},
        },
        {
            "name": "Keep the executed notebook",
            "if": "always()",
            "uses": "actions/upload-artifact@v4",
            "with": {"name": "notebook", "path": f"{OUTPUT}/"},
        },
    ]


def _install(asked: Asked) -> str:
    root = Path(asked.project.root)
    words = ["pip", "install", "steppe"]
    if (root / "requirements.txt").is_file():
        words += ["-r", asked.inside(root / "requirements.txt")]
    elif _is_package(root / "pyproject.toml"):
        words += ["-e", f"./{asked.inside(root)}" if asked.inside(root) != "." else "."]
    return shlex.join(words)


def _is_package(file: Path) -> bool:
    import tomllib

    return file.is_file() and "project" in tomllib.loads(file.read_text("utf-8"))
