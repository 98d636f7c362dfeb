"""`steppe doctor`: is everything that was kept sound and in reach?"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from steppe.cli.asking import as_json


@click.command("doctor")
@as_json
def command(json_only: bool) -> None:
    """Examine the environment, the store with all its bytes, the catalog and the room on the disk.

    Exit code 0: all is well. 1: there are findings, each with what to do.
    """
    from steppe.lineage.doctor import examine
    from steppe.settings import load_project

    health = examine(load_project(Path.cwd(), os.environ))
    if json_only:
        findings = [{"about": finding.about, "said": finding.said} for finding in health.findings]
        click.echo(json.dumps({"findings": findings, "checked": health.checked}))
    else:
        for name, said in health.checked.items():
            click.echo(f"{name}: {said}")
        for finding in health.findings:
            click.secho(f"✗ {finding.said}", fg="red")
        click.echo(f"{len(health.findings)} findings." if health.findings else "all is well.")
    sys.exit(1 if health.findings else 0)
