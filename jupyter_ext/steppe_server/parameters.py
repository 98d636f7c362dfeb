"""A notebook's parameters, as papermill reads them from the cell that is tagged `parameters`."""

from __future__ import annotations

from steppe.notebooks.source import Source
from steppe_server.schemas.pipelines import Parameter


def parameters_of(source: Source) -> list[Parameter]:
    """Return the parameters that a notebook declares, with their defaults as they are written."""
    from papermill.translators import papermill_translators

    cells = (cell for cell in source.seen.cells if "parameters" in cell.metadata.get("tags", ()))
    cell = next((cell for cell in cells if cell.cell_type == "code"), None)
    if cell is None:
        return []
    try:
        found = papermill_translators.find_translator(source.kernel, source.language).inspect(cell)
    except Exception:  # papermill knows no such language, or can't read the cell
        return []
    return [
        Parameter(
            name=item.name,
            value=item.default,
            type="" if item.inferred_type_name == "None" else item.inferred_type_name,
            help=item.help or "",
        )
        for item in found
    ]
