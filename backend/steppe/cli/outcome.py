"""How a command that follows a run ends: what it prints of the outcome, and its exit code."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from steppe.cli.progress import Lines
    from steppe.notebooks.outcome import Outcome

CODES = {"succeeded": 0, "cancelled": 130}
"""Exit codes by how a run has ended; every other end is 1."""


def lines_of(*, json_only: bool) -> Lines | None:
    """Return what shows the steps as they go on; nothing where only JSON is to be printed."""
    if json_only:
        return None
    from steppe.cli.progress import Lines

    return Lines()


def end_with(outcome: Outcome, lines: Lines | None) -> NoReturn:
    """Print how a run has ended, for people or as JSON, and end with its exit code."""
    for warning in outcome.warnings:
        click.echo(f"warning: {warning}", err=True)
    if lines is None:
        if outcome.error:
            click.echo(outcome.error, err=True)
        click.echo(json.dumps(outcome.document()))
    else:
        lines.finish(outcome)
    sys.exit(CODES.get(outcome.status, 1))
