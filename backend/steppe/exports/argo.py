"""A notebook as a workflow of Argo: a pod for each step, all on one store and one catalog, or on one volume."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from steppe.errors import UsageError
from steppe.exports.asked import Asked, refuse_places, slugs
from steppe.exports.tasks import Task, tasks_of
from steppe.exports.yaml_text import as_text
from steppe.notebooks.marks import Steps

FOLDER = "/project"
"""Where the repository is in the pods, unless told otherwise."""

VARIABLES = "steppe"
"""The secret whose keys are variables of the pods' environment."""

MOUNT = "project"

BESIDE = 2**30
"""Bytes for the kernel and what it imports, beside what the step asks for."""


def workflow_of(
    notebook: Path,
    *,
    image: str,
    steps: Steps = Steps.TAGGED,
    template: bool = False,
    volume: str = "",
    folder: str = FOLDER,
) -> str:
    """Return the text of a Workflow.

    Args:
        notebook: what to run.
        image: what the pods run: Steppe, what the notebook imports and, without a volume, the repository.
        steps: which of its cells are steps.
        template: make a WorkflowTemplate, of which workflows are started.
        volume: a claim of a volume with the repository on it, its `.steppe` included.
        folder: where the repository is in the pods.

    Raises:
        UsageError: the notebook can't be read, has no steps, or its pods would share nothing.
    """
    asked = Asked(notebook, steps)
    tasks = tasks_of(asked)
    for text in (asked.notebook, image, folder, *(task.name for task in tasks)):
        refuse_places(text, "{{", "Argo")
    if not volume:
        _check_places(asked)
    name = slugs([asked.stem])[asked.stem]
    document = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "WorkflowTemplate" if template else "Workflow",
        "metadata": {"name": name} if template else {"generateName": f"{name}-"},
        "spec": _spec(asked, tasks, image, volume, folder),
    }
    return as_text(document, f"The pipeline of {asked.source.path.name}, by `steppe export argo`.")


def _check_places(asked: Asked) -> None:
    settings = asked.project.settings
    for what, place in (("store", settings.store), ("catalog", settings.catalog)):
        scheme = urlsplit(place).scheme if "://" in place else ""
        if scheme in ("", "file", "sqlite"):
            raise UsageError(
                f"the project's {what} is a {'folder' if what == 'store' else 'file'} of this machine, which Argo's "
                f"pods don't share: set {what} in [tool.steppe], or give --volume CLAIM with the project on it."
            )


def _spec(asked: Asked, tasks: list[Task], image: str, volume: str, folder: str) -> dict[str, Any]:
    names = slugs(["pipeline", *(f"step {task.name}" for task in tasks)])
    short = slugs([task.name for task in tasks])
    spec: dict[str, Any] = {"entrypoint": "pipeline"}
    if asked.parameters:
        spec["arguments"] = {
            "parameters": [
                {"name": each.name, "value": "", "description": _unfilled(each.about)} for each in asked.parameters
            ]
        }
    if volume:
        spec["volumes"] = [{"name": MOUNT, "persistentVolumeClaim": {"claimName": volume}}]
    dag = []
    for task in tasks:
        entry: dict[str, Any] = {"name": short[task.name], "template": names[f"step {task.name}"]}
        if task.after:
            entry["dependencies"] = [short[each] for each in task.after]
        dag.append(entry)
    pods = [
        {"name": names[f"step {task.name}"], **_pod(asked, task, image, folder, mounted=bool(volume))} for task in tasks
    ]
    return {**spec, "templates": [{"name": "pipeline", "dag": {"tasks": dag}}, *pods]}


def _pod(asked: Asked, task: Task, image: str, folder: str, *, mounted: bool) -> dict[str, Any]:
    container: dict[str, Any] = {
        "image": image,
        "command": ["sh", "-c"],
        "args": [asked.command(until=task.name)],
        "workingDir": folder,
        "envFrom": [{"secretRef": {"name": VARIABLES, "optional": mounted or not _is_secret(asked)}}],
    }
    if env := _env(asked, mounted=mounted):
        container["env"] = env
    if task.resources is not None:
        asks = {"cpu": f"{math.ceil(task.resources.cpu * 1000)}m"}
        if task.resources.memory is not None:
            asks["memory"] = str(task.resources.memory + BESIDE)
        if task.resources.gpu:
            asks["nvidia.com/gpu"] = str(task.resources.gpu)
        container["resources"] = {"requests": asks, "limits": asks}
    if mounted:
        container["volumeMounts"] = [{"name": MOUNT, "mountPath": folder}]
    pod: dict[str, Any] = {"container": container}
    if task.retries:
        pod["retryStrategy"] = {"limit": str(task.retries), "retryPolicy": "Always"}
    if task.timeout is not None:
        pod["activeDeadlineSeconds"] = task.timeout
    return pod


def _env(asked: Asked, *, mounted: bool) -> list[dict[str, str]]:
    found = [{"name": each.variable, "value": f"{{{{workflow.parameters.{each.name}}}}}"} for each in asked.parameters]
    settings = asked.project.settings
    if not mounted:
        found.append({"name": "STEPPE_STORE", "value": settings.store})
        if not _is_secret(asked):
            found.append({"name": "STEPPE_CATALOG", "value": settings.catalog})
    return found


def _is_secret(asked: Asked) -> bool:
    """Tell whether the catalog's URL holds a password: it is never written to a file."""
    url = asked.project.settings.catalog
    return urlsplit(url).password is not None or re.search(r"[?&](password|passfile)=", url) is not None


def _unfilled(text: str) -> str:
    return text.replace("{{", "{ {")
