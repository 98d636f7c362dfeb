"""`steppe doctor`: is everything that was kept sound and in reach?"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from steppe.cli.asking import as_json


@click.command("doctor")
@click.option(
    "--on", type=click.Choice(["kubernetes"]), help="Examine a place where steps run instead: with a tiny pod."
)
@as_json
def command(on: str | None, json_only: bool) -> None:
    """Examine the environment, the store with all its bytes, the catalog and the room on the disk.

    With --on kubernetes: the access to the cluster, the rights in it, its image, and the store from within a pod.

    Exit code 0: all is well. 1: there are findings, each with what to do.
    """
    from steppe.settings import load_project

    project = load_project(Path.cwd(), os.environ)
    if on is not None:
        from steppe.lineage.cluster_doctor import examine_cluster

        health = examine_cluster(project)
    else:
        from steppe.lineage.doctor import examine

        health = examine(project)
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
