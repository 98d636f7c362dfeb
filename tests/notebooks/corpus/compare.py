"""Says what differs between plain runs of a notebook and another run of it: cells' outputs, namespace, state, files.

Two or more plain runs are given. What differs among them is unstable and exempt: the least part of it that does, so
that one address in one output does not hide the figure beside it. Everything else must be equal to the byte.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from tests.notebooks.corpus.execution import Execution
from tests.notebooks.corpus.split import code_cells

MASKS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("addresses", re.compile(r"0x[0-9a-fA-F]{6,}|(?<=/ipykernel_)\d+(?=/)")),
    (
        "identifiers",
        re.compile(
            r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[Tmpc]_?[0-9a-f]{5,32}\b|sk-[a-z-]+-id-\d+"
        ),
    ),
    (
        "times",
        re.compile(
            r"\d+(?:\.\d+)?(?:e[-+]\d+)? ?(?:ns|[uµμ]s|ms|s|sec|seconds|min|it/s)\b"
            r"|\d\d:\d\d(?::\d\d(?:\.\d+)?)?|\d{4}-\d\d-\d\d"
        ),
    ),
)
"""What may be hidden in a text, the least first, where two plain runs differ: a kernel's own addresses and process id,
identifiers that are drawn, and times."""

USAGE = re.compile(r"(?<=^memory usage: )[\d.]+\+? (?:bytes|[KMGT]B)$", re.MULTILINE)
"""What pandas says that a frame takes."""

VERDICTS = ("equal", "masked", "exempt", "allowed", "different")
ALLOWED_KINDS: frozenset[str] = frozenset({"stream order", "memory usage"})
"""Kinds of differences in cells' outputs that the documentation names and that at most 2 % of the cells may show.

`memory usage`: what `DataFrame.info()` counts holds tables that pandas makes for look-ups. They are not stored: to make
them again would cost each hit what the look-up costs.
`stream order`: a kernel sends stdout and stderr when its timer says so: which of a cell that writes to both comes first
hangs on time.
"""

Leaves = dict[str, str]


@dataclass(frozen=True)
class Difference:
    """One thing that differs: where (`output 0 text/plain`, `df`), of which kind, and both sides, shortened."""

    where: str
    kind: str
    plain: str
    other: str


@dataclass
class CellVerdict:
    """What the comparison of one code cell came to.

    Attributes:
        cell: its id.
        verdict: `equal`, `masked` (equal but for addresses and the like, which differ between plain runs too), `exempt`
            (a part differs between plain runs; the other parts are equal), `allowed` (all that differs is of allowed
            kinds) or `different`.
        exempt: why it is masked or exempt.
        differences: what differs, where it is `allowed` or `different`.
    """

    cell: str
    verdict: str = "equal"
    exempt: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)


@dataclass
class Comparison:
    """What the comparison of a whole run came to: of its cells, and of what was left at its end."""

    cells: list[CellVerdict]
    names: int = 0
    unstable: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        """Whether nothing differs but what is unstable."""
        return not self.differences and all(cell.verdict != "different" for cell in self.cells)


def compare(plain: Sequence[Execution], other: Execution, allowed: frozenset[str] = frozenset()) -> Comparison:
    """Compare a run with two or more plain runs of the same notebook."""
    cells = [code_cells(execution.notebook) for execution in (*plain, other)]
    if len({len(each) for each in cells}) != 1:
        raise ValueError(
            f"the runs have {', '.join(str(len(each)) for each in cells)} code cells: they are not of one notebook."
        )
    comparison = Comparison([_compare_cell(list(column), allowed) for column in zip(*cells, strict=True)])
    if plain[0].error != other.error and not (plain[0].error and other.error):
        comparison.differences.append(Difference("the run", "error", plain[0].error, other.error))
    if plain[0].summary and not other.summary:
        comparison.differences.append(Difference("the run", "end not reached", "", other.error))
        return comparison
    ends = [_end(execution) for execution in (*plain, other)]
    comparison.names = len(ends[0])
    for where in sorted({where for end in ends for where in end}):
        values = [end.get(where, "(absent)") for end in ends]
        if len(set(values[:-1])) > 1:
            comparison.unstable.append(where)
        elif values[-1] != values[0]:
            comparison.differences.append(_end_difference(where, plain[0], other, values[0], values[-1]))
    return comparison


def _compare_cell(runs: list[NotebookNode], allowed: frozenset[str]) -> CellVerdict:
    """Compare one cell: the last run of it with the others, which are plain."""
    verdict = CellVerdict(runs[0].get("id", ""))
    if runs[0].source != runs[-1].source:
        verdict.differences.append(Difference("source", "source", runs[0].source, runs[-1].source))
    *plain, other = [leaves(cell) for cell in runs]
    if len({tuple(each) for each in plain}) > 1:
        # How the two streams interleave is the kernel's timing: what each says is compared all the same.
        *plain, other = [by_stream(each) for each in (*plain, other)]
        verdict.exempt.append("the streams' order masked")
    if len({tuple(each) for each in plain}) > 1:
        verdict.exempt.append("the outputs' number or order differs between plain runs")
    elif tuple(other) != tuple(plain[0]):
        verdict.differences.append(_order_difference(plain[0], other))
    else:
        for where in other:
            _compare_leaf(verdict, where, [each[where] for each in plain], other[where])
    if verdict.differences:
        verdict.verdict = "allowed" if {each.kind for each in verdict.differences} <= allowed else "different"
    elif verdict.exempt:
        verdict.verdict = "masked" if all(reason.endswith("masked") for reason in verdict.exempt) else "exempt"
    return verdict


def _compare_leaf(verdict: CellVerdict, where: str, plain: list[str], other: str) -> None:
    """Compare one part of one output, hiding no more of it than differs between the plain runs."""
    if len(set(plain)) == 1:
        if other != plain[0]:
            verdict.differences.append(Difference(where, kind_of(where, plain[0], other), *_shortened(plain[0], other)))
        return
    for name, mask in cumulative_masks():
        masked = {mask(text) for text in plain}
        if len(masked) == 1:
            verdict.exempt.append(f"{where}: {name} masked")
            if mask(other) not in masked:
                verdict.differences.append(
                    Difference(where, kind_of(where, plain[0], other), *_shortened(mask(plain[0]), mask(other)))
                )
            return
    verdict.exempt.append(f"{where}: differs between plain runs")


def leaves(cell: NotebookNode) -> Leaves:
    """Return the parts of a cell's outputs, in their order, each under a name that says where it is.

    Consecutive streams of one name are one, as front ends show them. What is transient is left out.
    """
    found: Leaves = {"execution count": str(cell.get("execution_count"))}
    number, last = -1, ""
    for output in cell.outputs:
        if output.output_type == "stream":
            if last != output.name:
                number += 1
            last = output.name
            where = f"output {number} {output.name}"
            found[where] = found.get(where, "") + output.text
            continue
        number, last = number + 1, ""
        where = f"output {number} {output.output_type}"
        if output.output_type == "error":
            found |= {
                f"{where} name": output.ename,
                f"{where} text": output.evalue,
                f"{where} traceback": "\n".join(output.traceback),
            }
            continue
        for mime, content in sorted(output.data.items()):
            found[f"{where} {mime}"] = content if isinstance(content, str) else json.dumps(content, sort_keys=True)
        if output.metadata:
            found[f"{where} metadata"] = json.dumps(output.metadata, sort_keys=True)
        if output.output_type == "execute_result":
            found[f"{where} count"] = str(output.execution_count)
    return found


def by_stream(found: Leaves) -> Leaves:
    """Return the parts with each stream's text in one piece and the other outputs in their order."""
    grouped: Leaves = {}
    numbers: dict[str, str] = {}
    for where, text in found.items():
        word, _, rest = where.partition(" ")
        number, _, kind = rest.partition(" ")
        if word != "output":
            grouped[where] = text
        elif kind in {"stdout", "stderr"}:
            grouped[f"stream {kind}"] = grouped.get(f"stream {kind}", "") + text
        else:
            grouped[f"output {numbers.setdefault(number, str(len(numbers)))} {kind}"] = text
    return dict(sorted(grouped.items()))


def cumulative_masks() -> list[tuple[str, Callable[[str], str]]]:
    """Return the masks with their names: each hides what those before it hide, too."""

    def masking(upto: int) -> Callable[[str], str]:
        def mask(text: str) -> str:
            for name, pattern in MASKS[:upto]:
                text = pattern.sub(f"<{name}>", text)
            return re.sub(r"[ \t]+", " ", text) if upto == len(MASKS) else text

        return mask

    return [(MASKS[number][0], masking(number + 1)) for number in range(len(MASKS))]


def kind_of(where: str, plain: str, other: str) -> str:
    """Return in one word what kind of difference this is, so that a report can count them."""
    for name, mask in cumulative_masks():
        if mask(plain) == mask(other):
            return name
    if USAGE.sub("", plain) == USAGE.sub("", other):
        return "memory usage"
    if where == "execution count" or where.endswith(" count"):
        return "count"
    if "traceback" in where:
        return "traceback"
    if "image/" in where:
        return "image"
    if where.endswith(("stdout", "stderr")):
        return "stream"
    return where.rpartition(" ")[2]


def _order_difference(plain: Leaves, other: Leaves) -> Difference:
    """Say how the outputs' number or order differs; mere interleaving of the two streams is a kind of its own."""

    same = _segments(plain) == _segments(other)
    missing, extra = sorted(set(plain) - set(other)), sorted(set(other) - set(plain))
    kind = "stream order" if same else "missing output" if len(missing) > len(extra) else "extra output"
    return Difference("outputs", kind, "; ".join(missing) or "(same parts)", "; ".join(extra) or "(same parts)")


def _segments(found: Leaves) -> list[dict[str, str]]:
    """Return what each stream says before, between and after the other outputs, and those outputs' parts."""
    segments: list[dict[str, str]] = [{}]
    for where, text in found.items():
        _, _, kind = where.removeprefix("output ").partition(" ")
        if kind in {"stdout", "stderr"}:
            segments[-1][kind] = segments[-1].get(kind, "") + text
        elif where != "execution count":
            segments += [{kind: text}, {}]
    return segments


def _end(execution: Execution) -> dict[str, str]:
    """Return what a run left behind, flat: names, what they share, ambient state, files."""
    summary = execution.summary
    found = {name: f"{about['type']} {about['digest']}" for name, about in summary.get("names", {}).items()}
    found |= {f"shared {' = '.join(group)}": "shared" for group in summary.get("sharing", [])}
    found |= {f"state: {name}": value for name, value in summary.get("ambient", {}).items()}
    return found | {f"file: {path}": digest for path, digest in execution.files.items()}


def _end_difference(where: str, plain: Execution, other: Execution, was: str, now: str) -> Difference:
    """Say what differs at the end: for a name, its parts that do, as deep as they are known."""
    kind = (
        where.partition(":")[0]
        if where.startswith(("state: ", "file: "))
        else "sharing"
        if where.startswith("shared ")
        else "name"
    )
    if kind == "name" and "(absent)" not in {was, now}:
        first, second = plain.summary["names"][where], other.summary["names"][where]
        parts = _deepest(first["parts"], second["parts"])
        was, now = (f"{about['type']} {about['shown']} {parts}".strip() for about in (first, second))
    return Difference(where, kind, *_shortened(was, now))


def _deepest(plain: dict[str, str], other: dict[str, str]) -> str:
    """Name the parts that differ and of which no part is known to differ."""
    differing = [place for place in {**plain, **other} if plain.get(place) != other.get(place)]
    deepest = [place for place in differing if not any(each != place and each.startswith(place) for each in differing)]
    return f"(differs at {', '.join(deepest[:5])})" if deepest else ""


def _shortened(plain: str, other: str, width: int = 300) -> tuple[str, str]:
    """Return both texts from shortly before the place where they part."""
    start = next(
        (at for at, (a, b) in enumerate(zip(plain, other, strict=False)) if a != b), min(len(plain), len(other))
    )
    start = max(0, start - 40)
    return plain[start : start + width], other[start : start + width]


def describe(comparison: Comparison) -> dict[str, Any]:
    """Return the comparison as plain data, equal cells counted only."""
    rows = [cell for cell in comparison.cells if cell.verdict != "equal"]
    return {
        "equal": comparison.equal,
        "cells": len(comparison.cells),
        "verdicts": {verdict: sum(cell.verdict == verdict for cell in comparison.cells) for verdict in VERDICTS},
        "names": comparison.names,
        "unstable": comparison.unstable,
        "differences": [vars(each) for each in comparison.differences],
        "not equal": [{**vars(cell), "differences": [vars(each) for each in cell.differences]} for cell in rows],
    }
