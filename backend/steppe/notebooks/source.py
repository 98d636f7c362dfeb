"""A notebook file before it runs: read, checked, and known by an id that a rename keeps. Nothing is executed."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from steppe.errors import UsageError
from steppe.notebooks.kale import is_kales, translate

INJECTED = "injected-parameters"
"""The tag of the cell that papermill puts a run's parameters into, and the id that we give that cell."""


class Source:
    """A notebook file.

    Attributes:
        path: where it is.
        raw: the file's JSON; Kale's notebooks as they are in our words.
        told: what the user should know of that, a sentence each.
        translated: whether `raw` is not what the file says: it runs from a file of its own.
    """

    def __init__(self, path: Path, raw: dict[str, Any], told: Iterable[str] = (), *, translated: bool = False) -> None:
        self.path = path
        self.raw = raw
        self.told = [*told]
        self.translated = translated
        self._seen: Any = None

    @property
    def id(self) -> str:
        """The id in its metadata, which a rename keeps; empty where it has none."""
        return notebook_id(self.raw.get("metadata"))

    def identity(self, root: str) -> str:
        """Return what its steps' history goes by: its id, else its path relative to the project's root."""
        return self.id or place_of(self.path, root)

    @property
    def kernel(self) -> str:
        """The name of the kernel that it asks for; Python's where it does not say."""
        spec = (self.raw.get("metadata") or {}).get("kernelspec") or {}
        return str(spec.get("name") or "python3")

    @property
    def language(self) -> str:
        """The language that it says it is in; Python where it does not say."""
        metadata = self.raw.get("metadata") or {}
        told = (metadata.get("language_info") or {}).get("name") or (metadata.get("kernelspec") or {}).get("language")
        return str(told or "python").lower()

    @property
    def named(self) -> bool:
        """Whether its cells have ids: notebooks in the format before 4.5 have none."""
        return _format(self.raw) >= (4, 5)

    @property
    def seen(self) -> Any:
        """What `notebook` returns, made once: to be looked at, not to be changed."""
        if self._seen is None:
            self._seen = self.notebook()
        return self._seen

    def notebook(self, parameters: dict[str, Any] | None = None) -> Any:
        """Return it as the run sees it: in today's format, with parameters injected and every cell with an id."""
        import nbformat

        nb = nbformat.reads(json.dumps(self.raw), as_version=4)
        nb = nbformat.v4.upgrade(nb) or nb
        if parameters:
            from papermill.parameterize import parameterize_notebook

            nb.metadata.setdefault("papermill", {})
            for cell in nb.cells:
                cell.metadata.setdefault("tags", [])
            nb = parameterize_notebook(nb, parameters, engine_name="steppe")
        settle_ids(nb.cells, named=self.named)
        return nb


def read(path: Path) -> Source:
    """Read a notebook file.

    Raises:
        UsageError: there is none, or it is no notebook.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a folder. Give the path of an .ipynb file in it.")
    if not path.exists():
        raise UsageError(f"there is no notebook {path}. Give the path of an .ipynb file.")
    try:
        raw = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}.") from error
    except ValueError as error:
        raise UsageError(f"{path} is no notebook: it is not JSON ({error}). Give an .ipynb file.") from error
    return of_document(path, raw)


def of_document(path: Path, raw: Any) -> Source:
    """Return a notebook whose JSON is at hand: as it stands in an editor, not yet saved.

    Raises:
        UsageError: it is no notebook.
    """
    if not isinstance(raw, dict) or "nbformat" not in raw or not ({"cells", "worksheets"} & set(raw)):
        raise UsageError(f"{path} is no notebook: it has no cells. Give an .ipynb file.")
    if _format(raw) >= (5, 0):
        raise UsageError(
            f"{path} is in the notebook format {raw['nbformat']}, and Steppe knows 4 and older: save it as 4.5."
        )
    source = Source(path, raw)
    _check(source)
    if not is_kales(raw):
        return source
    ours = copy.deepcopy(raw)
    return Source(path, ours, translate(ours), translated=True)


def _check(source: Source) -> None:
    import nbformat

    try:
        nbformat.validate(source.seen)
    except Exception as error:  # nbformat and jsonschema raise errors of many kinds for what is no notebook
        said = str(error).strip().splitlines() or [type(error).__name__]
        raise UsageError(f"{source.path} is no valid notebook: {said[0]}. Open and save it in Jupyter.") from error


def _format(raw: dict[str, Any]) -> tuple[int, int]:
    try:
        return int(raw["nbformat"]), int(raw.get("nbformat_minor", 0))
    except (TypeError, ValueError):
        return 0, 0


def notebook_id(metadata: Any) -> str:
    """Return the id in a notebook's metadata, or an empty text."""
    ours = metadata.get("steppe") if isinstance(metadata, dict) else None
    return str(ours.get("id") or "") if isinstance(ours, dict) else ""


def place_of(path: Path, root: str) -> str:
    """Return a notebook's path as runs record it: relative to the project's root where it is inside, else absolute."""
    absolute = os.path.abspath(path)
    inside = os.path.relpath(absolute, root)
    return absolute if inside.startswith("..") else inside


def settle_ids(cells: Iterable[Any], *, named: bool) -> None:
    """Give cells that have no id one that the next run gives them too: a random one would make them others."""
    number = 0
    for cell in cells:
        if INJECTED in cell.metadata.get("tags", ()):
            cell["id"] = INJECTED
            continue
        number += 1
        if not named:
            cell["id"] = f"cell-{number}"
