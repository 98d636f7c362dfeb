"""Notebooks with Kale's tags, as Kale means them: what is a step, which cells hold parameters, what is left out.

Kale (https://github.com/kubeflow-kale/kale) tags cells `step:NAME` (once `block:NAME`), `prev:NAME`, `skip`, `imports`,
`functions`, `pipeline-parameters`, `pipeline-metrics`, `limit:RESOURCE:AMOUNT`; a cell without tags goes on with what
the cell above it began. The notebook's file is left as it is: what is said here holds for a run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from steppe.analysis.cell import analyse
from steppe.errors import UsageError

STEP = re.compile(r"(?:step|block):([_a-z][_a-z0-9]*)?")
PREV = re.compile(r"prev:([_a-z][_a-z0-9]*)")
LIMIT = re.compile(r"limit:([_a-z\-./]+):([_a-zA-Z0-9.]+)")
OTHER = re.compile(r"(?:annotation|label):.+")
COMMON = frozenset({"imports", "functions", "pipeline-parameters", "pipeline-metrics"})
"""Cells that are no step: they run as plain cells, in their place."""

OWN = frozenset({"pipeline-parameters", "pipeline-metrics"})
"""Tags that nobody but Kale has."""

RESOURCES = {"cpu": "cpu", "memory": "memory"}


def is_kales(notebook: Any) -> bool:
    """Tell whether a notebook is Kale's: by its metadata, or tags that nobody else has; no more once translated."""
    metadata = notebook.get("metadata") or {}
    ours = metadata.get("steppe")
    if isinstance(ours, dict) and ours.get("from") == "kale":
        return False
    if "kubeflow_notebook" in metadata:
        return True
    tags = {tag for cell in notebook.get("cells", ()) for tag in _tags(cell)}
    if tags & OWN or any(tag.startswith(("prev:", "block:")) for tag in tags):
        return True
    return bool(tags & COMMON) and any(STEP.fullmatch(tag) for tag in tags)


def translate(notebook: Any) -> list[str]:
    """Have a notebook's metadata say in Steppe's words what Kale's tags say; return what the user should know.

    Args:
        notebook: the notebook's document, which is changed.

    Raises:
        UsageError: a tag names a step that there is not, or `prev:` stands where no step begins.
    """
    _ours(notebook)["from"] = "kale"
    kales = notebook["metadata"].get("kubeflow_notebook")
    defaults = (kales.get("steps_defaults") or ()) if isinstance(kales, dict) else ()
    reading = _Reading([str(tag) for tag in defaults])
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for cell in cells:
        reading.read(cell)
    if not any("parameters" in _tags(cell) for cell in cells) and reading.parameters:
        reading.parameters[-1]["metadata"]["tags"] = [*_tags(reading.parameters[-1]), "parameters"]
    reading.check()
    return reading.told


def _tags(cell: Any) -> list[str]:
    tags = (cell.get("metadata") or {}).get("tags")
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []


class _Step:
    """A step: the text of its cells, and the steps that its tags say it follows."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sources: list[str] = []
        self.prev: list[str] = []


class _Reading:
    """Reads cells in order; each may go on with what the one above it began.

    Attributes:
        told: what the user should know, a sentence each.
        parameters: the cells with parameters.
        steps: the steps by name, in order.
    """

    def __init__(self, defaults: list[str]) -> None:
        self.told: list[str] = []
        self.parameters: list[Any] = []
        self.steps: dict[str, _Step] = {}
        self._defaults = defaults
        self._above = ""

    def read(self, cell: Any) -> None:
        """Read one cell of code."""
        tags = _tags(cell)
        if "skip" in tags:
            _ours(cell)["skip"] = True
            return
        kind = next((tag for tag in tags if tag in COMMON), "")
        names = [found.group(1) for tag in tags if (found := STEP.fullmatch(tag)) and found.group(1)]
        prev = [found.group(1) for tag in tags if (found := PREV.fullmatch(tag))]
        if prev and not names:
            raise UsageError(
                f"the tag `prev:{prev[0]}` stands in a cell without `step:NAME`: give the cell a step's name."
            )
        self._above = kind or (names[0] if names else self._above)
        if self._above in COMMON or not self._above:
            _ours(cell)["step"] = False
            if self._above == "pipeline-parameters":
                self.parameters.append(cell)
            return
        step = self.steps.setdefault(self._above, _Step(self._above))
        step.sources.append(_text(cell))
        for name in prev:
            if name not in self.steps or name == step.name:
                known = ", ".join(each for each in self.steps if each != step.name) or "no step"
                raise UsageError(f"the step `{step.name}` is tagged `prev:{name}`, and above it there is {known}.")
            step.prev.append(name)
        ours = _ours(cell)
        ours |= {"step": True, "name": step.name, **self._asks(step.name, [*self._defaults, *tags]), **ours}

    def _asks(self, name: str, tags: Iterable[str]) -> dict[str, Any]:
        """Return what a step asks for by its limits."""
        found: dict[str, Any] = {}
        for tag in tags:
            limit = LIMIT.fullmatch(tag)
            if limit is None:
                if OTHER.fullmatch(tag):
                    self.told.append(
                        f"`{name}`: the tag `{tag}` is not read: labels and annotations go into a profile."
                    )
                continue
            resource, amount = limit.groups()
            ours = "gpu" if resource.endswith("/gpu") else RESOURCES.get(resource)
            if ours is None:
                self.told.append(f"`{name}`: the tag `{tag}` is not read: Steppe knows cpu, memory and GPUs.")
            else:
                found[ours] = int(amount) if ours == "gpu" and amount.isdigit() else amount
        return found

    def check(self) -> None:
        """Hold the tags `prev:` against what the steps' names say: these decide what a step depends on."""
        if any(step.prev for step in self.steps.values()):
            self.told += [*self._unsaid()]

    def _unsaid(self) -> Iterator[str]:
        makers: dict[str, str] = {}
        for step in self.steps.values():
            before = self._before(step)
            reads, binds = _names(step.sources)
            for name in sorted(reads):
                maker = makers.get(name)
                if maker is not None and maker not in before:
                    said = f"`{step.name}` reads `{name}` of `{maker}`"
                    yield f"{said}, which no `prev:` tag says: Steppe goes by the names."
            makers |= dict.fromkeys(binds, step.name)

    def _before(self, step: _Step) -> set[str]:
        found: set[str] = set()
        waiting = [*step.prev]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self.steps[name].prev
        return found


def _names(sources: list[str]) -> tuple[set[str], set[str]]:
    """Return what cells read of others before them, and what they bind."""
    reads, binds = set[str](), set[str]()
    for source in sources:
        try:
            names = analyse(source, None).names
        except SyntaxError:
            continue
        reads |= set(names.reads) - binds
        binds |= set(names.binds)
    return reads, binds


def _ours(place: Any) -> Any:
    """Return what the metadata of a cell or a notebook say to Steppe; what is no table says nothing."""
    metadata = place["metadata"]
    if not isinstance(metadata.get("steppe"), dict):
        metadata["steppe"] = {}
    return metadata["steppe"]  # nbformat's own tables take copies of what is put into them


def _text(cell: Any) -> str:
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else str(source)
