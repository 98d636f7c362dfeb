"""`steppe lineage`: what led to a value or a file, and what was made from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from steppe.cli.asking import as_json, parameters_of
from steppe.errors import UsageError

if TYPE_CHECKING:
    from steppe.catalog import Catalog
    from steppe.lineage.graph import Graph, Root


@click.command("lineage")
@click.argument("what", required=False)
@click.option("--file", "file", metavar="PATH", help="Ask of a file, also where a value is called so.")
@click.option("--commit", metavar="COMMIT", help="Ask of a git commit: all that its runs have made.")
@click.option("--package", metavar="NAME[==VERSION]", help="Ask of a package that steps have used.")
@click.option("-p", "--parameter", nargs=2, metavar="NAME VALUE", help="Ask of a variable with a value.")
@click.option("--type", "of_type", metavar="TYPE", help="List only values whose class has this in its name.")
@click.option("--up", type=click.IntRange(min=0), default=5, show_default=True, help="Steps to go back.")
@click.option("--down", type=click.IntRange(min=0), default=5, show_default=True, help="Steps to go on.")
@click.option("--mermaid", "how", flag_value="mermaid", help="Print a Mermaid flowchart.")
@click.option("--openlineage", "how", flag_value="openlineage", help="Print OpenLineage events, one a line.")
@click.option("--namespace", default="steppe", show_default=True, help="Of the jobs and values in OpenLineage events.")
@as_json
def command(
    what: str | None,
    file: str | None,
    commit: str | None,
    package: str | None,
    parameter: tuple[str, str] | None,
    of_type: str | None,
    up: int,
    down: int,
    how: str | None,
    namespace: str,
    json_only: bool,
) -> None:
    """Tell what led to WHAT, and what was made from it, over all runs.

    WHAT is a file, a value (`train.model`, or its version), a step run or a run; the beginning of an id is enough.
    """
    from steppe.lineage.asked import as_text, asked_of
    from steppe.lineage.graph import graph_of
    from steppe.lineage.opened import opened

    sources: dict[str, Any] = {"file": file, "commit": commit, "package": package}
    sources["parameter"] = parameters_of((parameter,), ()) if parameter else None
    with opened(Path.cwd()) as here:
        if here is None:
            raise UsageError("nothing is kept here yet: `steppe run NOTEBOOK` makes the first run.")
        root = asked_of(here.catalog, Path(here.project.root), what, **sources)
        found = graph_of(here.catalog, root, up=up, down=down)
        if how == "openlineage":
            _print_events(here.catalog, root, found, namespace)
            return
    if of_type is not None:
        _print_values(found, of_type, json_only=json_only)
    elif json_only:
        import msgspec

        click.echo(json.dumps(msgspec.to_builtins(found)))
    elif how == "mermaid":
        from steppe.lineage.mermaid import mermaid

        click.echo(mermaid(found), nl=False)
    else:
        click.echo(as_text(found))


def _print_events(catalog: Catalog, root: Root | str, found: Graph, namespace: str) -> None:
    from steppe.lineage.openlineage import events
    from steppe.lineage.questions import of_run

    ids = sorted(node.id for node in found.nodes if node.kind == "step")
    if not isinstance(root, str) and root.node.kind == "run":
        ids = of_run(catalog, found.root.partition(":")[2])
    for event in events(catalog, ids, namespace=namespace):
        click.echo(json.dumps(event))


def _print_values(found: Graph, of_type: str, *, json_only: bool) -> None:
    """List the values of a class, with the steps that made them."""
    from steppe.wording import short

    nodes = {node.id: node for node in found.nodes}
    made = [edge for edge in found.edges if nodes[edge.source].kind == "step"]
    makers = {edge.target: nodes[edge.source] for edge in reversed(made)}
    values = [node for node in found.nodes if node.kind == "artifact" and of_type.lower() in node.type.lower()]
    if json_only:
        told = []
        for node in values:
            maker = makers.get(node.id)
            said = {"version": node.id, "name": node.name, "type": node.type, "preview": node.preview}
            said |= {"step": maker.name, "step_run": maker.id, "run": maker.run} if maker is not None else {}
            told.append(said)
        click.echo(json.dumps({"values": told, "more": found.more}))
        return
    for node in values:
        maker = makers.get(node.id)
        by = f"by {maker.name} in {maker.run[:14]}" if maker is not None else ""
        click.echo("  ".join(part for part in (node.name, node.preview or node.type, short(node.id), by) if part))
    if found.more:
        click.echo("and perhaps more: --down and --up go further.")
