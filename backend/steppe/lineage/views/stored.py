"""What is kept of an artifact: the bytes that hold it, what was noted about it, and which step made it."""

from __future__ import annotations

from typing import Any, Literal

from steppe.catalog import Catalog
from steppe.errors import StoreError
from steppe.lineage.results import result_of
from steppe.lineage.views.source import Source, Unreadable
from steppe.store.store import Store
from steppe.types import Artifact, Digest, Part, Result, StepRun
from steppe.values.views import KINDS, note_name
from steppe.worker.execution import VALUE

View = Literal["table", "array", "image", "figure", "tree", "text", "model", "none"]

DRAWN, FIGURES = ("matplotlib.", "seaborn."), "matplotlib.figure.Figure"
"""How the types begin of what is seen in a pyplot figure, and the type of the figure itself."""

FIGURE = "<Figure size "
"""How the text of a pyplot figure begins that is shown at a cell's end."""

MAKERS = 50
"""Executions that are looked at for one whose result is still kept."""


class Stored:
    """An artifact, and where it is.

    Attributes:
        artifact: what the catalog knows of it.
        maker: the execution whose result holds it, or None where no result does any more.
        name: the variable that the maker bound it to.
        part: the Part that holds it, or None.
        note: the Part that holds what was noted about it, or None.
        shown: the MIME bundle that the maker showed it with, or empty.
    """

    def __init__(self, artifact: Artifact, maker: StepRun | None, name: str, result: Result | None) -> None:
        self.artifact = artifact
        self.maker = maker
        self.name = name
        self.part: Part | None = artifact.part
        self.note: Part | None = None
        self._noted: View = "none"
        self.shown: dict[str, Any] = {}
        for part in result.parts if result is not None else ():
            if name in part.names:
                self.part = part
            for kind in KINDS:
                if note_name(kind, name) in part.names:
                    self.note, self._noted = part, kind
        if result is not None and VALUE in result.outputs and result.outputs[VALUE].version == artifact.version:
            self.shown = next((item.data for item in result.shown if item.kind == "result"), {})
        elif result is not None and artifact.type.startswith(DRAWN):
            self.shown = _drawn(result)

    @property
    def view(self) -> View:
        """How it is shown."""
        open_ = _open_format(self.part)
        if open_ in ("arrow", "npy"):
            return "table" if open_ == "arrow" else "array"
        if open_ == "json":
            return "text" if self.artifact.type == "str" else "tree"
        if self.note is not None:
            return self._noted
        return "figure" if self.shown else "none"

    @property
    def load(self) -> str:
        """The line of code that loads it."""
        return f'{self.name if self.name.isidentifier() else "value"} = steppe.load("{self.artifact.version}")'

    def source(self, store: Store) -> Source:
        """Return the bytes that show it.

        Raises:
            Unreadable: nothing that can be shown is kept, or it is damaged or out of reach.
        """
        part, format_ = self.part, _open_format(self.part)
        if not format_:
            part, format_ = self.note, "view"
        if part is None:
            raise Unreadable("there is nothing to show of it but its preview: load it to look into it.")
        positions: tuple[int, ...] = ()
        if format_ == "arrow":
            positions = _positions(part)
        if part.blob is None:
            return Source(
                version=self.artifact.version, format=format_, data=bytes(part.inline or b""), positions=positions
            )
        try:
            path = store.path(part.blob)
        except StoreError as error:
            raise Unreadable(str(error)) from error
        if path is None:
            raise Unreadable("its bytes are in a store that is not on this machine, and can't be brought here.")
        return Source(version=self.artifact.version, format=format_, path=path, positions=positions)


def _drawn(result: Result) -> dict[str, Any]:
    """Return the picture of the one pyplot figure that a cell showed at its end; nothing where it may be another's.

    A figure itself is not drawn to have a picture of it: that changes it, and takes longer than most cells.
    """
    pictures = [item.data for item in result.shown if str(item.data.get("text/plain", "")).startswith(FIGURE)]
    figures = {item.version for item in result.outputs.values() if item.type == FIGURES}
    return pictures[0] if len(pictures) == 1 and len(figures) <= 1 else {}


def stored(catalog: Catalog, store: Store, version: Digest) -> Stored | None:
    """Return what is kept of an artifact, or None where the catalog knows nothing of the version."""
    artifact = catalog.artifacts.get(version)
    makers = catalog.lineage.makers(version, limit=MAKERS).items
    if artifact is None and not makers:
        return None
    artifact = artifact if artifact is not None else Artifact(version=version, type="")
    first: tuple[StepRun, str] | None = None
    for maker in makers:
        names = sorted((name for name, its in maker.outputs.items() if its == version), key=_plain)
        if not names:
            continue
        first = first if first is not None else (maker, names[0])
        result = result_of(maker, store)
        if result is not None:
            return Stored(artifact, maker, names[0], result)
    return Stored(artifact, first[0] if first else None, first[1] if first else "", None)


def _plain(name: str) -> tuple[bool, str]:
    return not name.isidentifier(), name


def _open_format(part: Part | None) -> str:
    """Return the open format that a Part is shown from: `arrow`, `npy`, `json`; or nothing."""
    if part is None:
        return ""
    if part.format == "arrow-table":
        return "arrow"
    if part.format == "tensor":
        return "npy" if part.meta.get("numpy") is True else ""
    return part.format if part.format in ("arrow", "npy", "json") else ""


def _positions(part: Part) -> tuple[int, ...]:
    try:
        found = tuple(int(each) for positions, _ in part.meta["blocks"] for each in positions)
    except (KeyError, TypeError, ValueError):
        return ()
    return found if sorted(found) == list(range(len(found))) else ()
