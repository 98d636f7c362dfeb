"""`steppe test`: a notebook held against how it was."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from steppe.cli.asking import as_json, notebook_options

if TYPE_CHECKING:
    from steppe.gates.gate import Judged


@click.command("test")
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option("--against", required=True, metavar="BASELINE", help="A git commit (`main`), or a run's id.")
@click.option("--rules", type=click.Path(path_type=Path), help="A TOML file with rules, beside the notebook's own.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where the executed notebook goes.")
@click.option("--junit", type=click.Path(path_type=Path), help="Write JUnit XML there.")
@click.option("--markdown", "markdown_path", type=click.Path(path_type=Path), help="Write Markdown there.")
@click.option("--html", "html_path", type=click.Path(path_type=Path), help="Write a page there, figures side by side.")
@notebook_options
@as_json
def command(
    notebook: Path,
    against: str,
    rules: Path | None,
    output: Path | None,
    junit: Path | None,
    markdown_path: Path | None,
    html_path: Path | None,
    asked: dict[str, Any],
    json_only: bool,
) -> None:
    """Run NOTEBOOK, hold its numbers, tables and figures against BASELINE, and judge them by its rules.

    Only what has changed runs: all else is a hit. Rules such as `accuracy >= baseline - 0.01` stand in the notebook's
    metadata, in [tool.steppe.gates] of pyproject.toml, or in a file.

    Exit code 0: it ran, and every rule holds. 1: it did not, or one does not. 2: it can't be tested so.
    """
    from steppe.gates.gate import judge, rules_of
    from steppe.gates.written import junit as as_junit
    from steppe.gates.written import markdown, page_of
    from steppe.sharing.report import write

    judged = judge(notebook, against, rules_of(notebook, rules), output, **asked)
    for path, make in ((junit, as_junit), (markdown_path, markdown), (html_path, page_of)):
        if path is not None:
            write(path, make(judged))
    if json_only:
        click.echo(json.dumps(_document(judged)))
    else:
        click.echo(markdown(judged))
    sys.exit(0 if judged.passed else 1)


def _document(judged: Judged) -> dict[str, Any]:
    names = ("notebook", "against", "baseline", "run", "output", "seconds", "error", "hits", "ran", "passed")
    changes = {
        kind: [{"name": each.name, "before": each.before, "now": each.now} for each in getattr(judged, kind)]
        for kind in ("numbers", "tables")
    }
    return {
        **{name: getattr(judged, name) for name in names},
        "verdicts": [{"rule": each.rule, "held": each.held, "said": each.said} for each in judged.verdicts],
        **changes,
        "figures": [{"step": each.step, "changed": each.changed} for each in judged.figures],
    }
