"""What made an artifact, and what was made from it."""

from __future__ import annotations

from steppe.lineage.graph import Node, graph
from steppe.lineage.opened import Opened
from steppe_server.errors import NotFound
from steppe_server.routes.handler import Handler
from steppe_server.schemas.lineage import Edge, Knot, Lineage
from steppe_server.schemas.queries import Around


class LineageHandler(Handler):
    """`lineage/{version}`."""

    async def on_get(self, query: Around, _body: None, version: str) -> Lineage:
        """Return the graph around an artifact."""

        def read(opened: Opened) -> Lineage:
            catalog = opened.catalog
            found = graph(catalog, version, up=query.up, down=query.down, limit=query.limit)
            if len(found.nodes) <= 1 and catalog.artifacts.get(version) is None:
                raise NotFound(f"there is no artifact {version}.")
            paths = self.projects.notebooks((node.run for node in found.nodes if node.run), opened)
            return Lineage(
                nodes=[_knot(node, paths.get(node.run)) for node in found.nodes],
                edges=[Edge(source=edge.source, target=edge.target, names=list(edge.names)) for edge in found.edges],
                more=found.more,
            )

        return await self.of_project(query.path, read)


def _knot(node: Node, path: str | None) -> Knot:
    return Knot(
        kind=node.kind,  # type: ignore[arg-type]  # one of the two
        id=node.id,
        name=node.name,
        type=node.type,
        preview=node.preview,
        bytes=node.size,
        kept=node.kept,
        part=node.part,
        cell=node.cell,
        notebook=node.notebook,
        path=path,
        state=node.state,
        started=node.started,
        seconds=node.seconds,
        level=node.level,
    )
