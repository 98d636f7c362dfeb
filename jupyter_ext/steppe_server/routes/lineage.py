"""What made an artifact, and what was made from it."""

from __future__ import annotations

from steppe.catalog import Catalog
from steppe.lineage.graph import Node, graph
from steppe_server.errors import NotFound
from steppe_server.routes.handler import Handler
from steppe_server.schemas.lineage import Edge, Knot, Lineage
from steppe_server.schemas.queries import Around


class LineageHandler(Handler):
    """`lineage/{version}`."""

    async def on_get(self, query: Around, _body: None, version: str) -> Lineage:
        """Return the graph around an artifact."""

        def read(catalog: Catalog) -> Lineage:
            found = graph(catalog, version, up=query.up, down=query.down, limit=query.limit)
            if len(found.nodes) <= 1 and catalog.artifacts.get(version) is None:
                raise NotFound(f"there is no artifact {version}.")
            return Lineage(
                nodes=[_knot(node) for node in found.nodes],
                edges=[Edge(source=edge.source, target=edge.target, names=list(edge.names)) for edge in found.edges],
                more=found.more,
            )

        return await self.of_catalog(query.path, read)


def _knot(node: Node) -> Knot:
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
        state=node.state,
        started=node.started,
        seconds=node.seconds,
        level=node.level,
    )
