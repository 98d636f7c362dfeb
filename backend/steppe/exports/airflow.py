"""A notebook as a DAG of Airflow 3: a task for each step, which runs the notebook up to it."""

from __future__ import annotations

import json
import keyword
from collections.abc import Iterator
from pathlib import Path

from steppe.exports.asked import Asked, check_cron, refuse_places, slugs
from steppe.exports.tasks import Task, tasks_of
from steppe.notebooks.marks import Steps

TAKEN = frozenset({"bashoperator", "dag", "datetime", "param", "parameters", "project", "timedelta", "timezone"})
"""Names that the module has for other things, in small letters."""

JINJA = ("{{", "{%", "{#")

HEAD = '''"""The pipeline of {name}, by `steppe export airflow`."""

from datetime import {datetime}

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG{param}

PROJECT = {project}  # where it is on Airflow's workers
'''


def dag_of(notebook: Path, *, steps: Steps = Steps.TAGGED, cron: str = "") -> str:
    """Return the text of a module with a DAG.

    Args:
        notebook: what to run.
        steps: which of its cells are steps.
        cron: when it runs by itself, in UTC; only when somebody starts it, where empty.

    Raises:
        UsageError: the notebook can't be read, has no steps, or the cron line is none.
    """
    asked = Asked(notebook, steps)
    tasks = tasks_of(asked)
    for text in (asked.notebook, str(asked.root), *(task.name for task in tasks)):
        for mark in JINJA:
            refuse_places(text, mark, "Airflow")
    if cron:
        check_cron(cron)
    return "\n".join([_head(asked, tasks), *_dag(asked, tasks, cron)]) + "\n"


def _head(asked: Asked, tasks: list[Task]) -> str:
    limited = any(task.timeout is not None for task in tasks)
    text = HEAD.format(
        name=_inside(asked.source.path.name),
        datetime="datetime, timedelta, timezone" if limited else "datetime, timezone",
        param=", Param" if asked.parameters else "",
        project=_text(str(asked.root)),
    )
    if asked.parameters:
        rows = [f"    {_text(each.variable)}: \"{{{{ params.{each.name} or '' }}}}\",\n" for each in asked.parameters]
        text += f"PARAMETERS = {{\n{''.join(rows)}}}\n"
    return text


def _dag(asked: Asked, tasks: list[Task], cron: str) -> Iterator[str]:
    yield "with DAG("
    yield f"    dag_id={_text(slugs([asked.stem])[asked.stem])},"
    yield f"    schedule={_text(cron) if cron else None},"
    yield "    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),"
    yield "    catchup=False,"
    yield "    max_active_runs=1,"
    if asked.parameters:
        yield "    params={"
        for each in asked.parameters:
            about = _text(each.about)
            yield f'        {_text(each.name)}: Param("", type=["null", "string"], description={about}),'
        yield "    },"
    yield '    tags=["steppe"],'
    yield "):"
    names = slugs([task.name for task in tasks])
    variables = _variables(names)
    for task in tasks:
        yield from _task(asked, task, variables[task.name], names[task.name])
    for task in tasks:
        if task.after:
            before = [variables[each] for each in task.after]
            left = before[0] if len(before) == 1 else f"[{', '.join(before)}]"
            yield f"    {left} >> {variables[task.name]}"


def _task(asked: Asked, task: Task, variable: str, name: str) -> Iterator[str]:
    yield f"    {variable} = BashOperator("
    yield f"        task_id={_text(name)},"
    yield f"        bash_command={_text(asked.command(until=task.name))},"
    yield "        cwd=PROJECT,"
    if asked.parameters:
        yield "        env=PARAMETERS,"
        yield "        append_env=True,"
    yield f"        retries={task.retries},"
    if task.timeout is not None:
        yield f"        execution_timeout=timedelta(seconds={task.timeout}),"
    yield "    )"


def _variables(names: dict[str, str]) -> dict[str, str]:
    """Return a variable for each task, by the step's name."""
    found = {}
    for name, slug in names.items():
        plain = slug.replace("-", "_")
        fits = plain.isidentifier() and not keyword.iskeyword(plain) and plain not in TAKEN
        found[name] = plain if fits else f"task_{plain}"
    return found


def _text(text: str) -> str:
    """Return a text as Python writes it, in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def _inside(text: str) -> str:
    """Return a text as it stands in a docstring."""
    return _text(text)[1:-1]
