"""The steps of a run and the values between them as an SVG picture, from left to right, in the colours of its page."""

from __future__ import annotations

import html
from collections import defaultdict

from steppe.types import StepRun

WIDTH, HEIGHT, ACROSS, DOWN, EDGE = 150, 40, 90, 22, 10


def edges_of(steps: list[StepRun]) -> list[tuple[int, int, list[str]]]:
    """Return what flows between steps: the numbers of two steps, and the variables."""
    makers: dict[str, int] = {}
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    for number, step in enumerate(steps):
        for name, version in step.inputs.items():
            if version in makers:
                found[makers[version], number].append(name)
        makers |= {file.blob: number for file in step.written if file.blob is not None}
        for seen in step.trace:
            if seen.kind == "file" and makers.get(seen.version, number) != number:
                found[makers[seen.version], number].append(seen.name)
        for version in step.outputs.values():
            makers.setdefault(version, number)
    return [(source, target, list(dict.fromkeys(names))) for (source, target), names in found.items()]


def mermaid_of(steps: list[StepRun]) -> str:
    """Return the same as a Mermaid flowchart."""
    lines = ["flowchart LR", *(f'  s{number}(["{_plain(step.step.name)}"])' for number, step in enumerate(steps))]
    for source, target, names in edges_of(steps):
        lines.append(f'  s{source} -->|"{_plain(", ".join(names))}"| s{target}')
    return "\n".join(lines)


def svg_of(steps: list[StepRun]) -> str:
    """Return the picture."""
    edges = edges_of(steps)
    columns: dict[int, int] = {}
    for number in range(len(steps)):
        columns[number] = max((columns[source] + 1 for source, target, _ in edges if target == number), default=0)
    rows: dict[int, int] = {}
    used: dict[int, int] = defaultdict(int)
    for number, column in columns.items():
        rows[number] = used[column]
        used[column] += 1
    places = {
        number: (EDGE + column * (WIDTH + ACROSS), EDGE + rows[number] * (HEIGHT + DOWN))
        for number, column in columns.items()
    }
    wide = max((x for x, _ in places.values()), default=0) + WIDTH + EDGE
    high = max((y for _, y in places.values()), default=0) + HEIGHT + EDGE
    drawn = [_edge(places[source], places[target], ", ".join(names)) for source, target, names in edges]
    drawn += [_box(places[number], step) for number, step in enumerate(steps)]
    return (
        f'<svg role="img" aria-label="The steps and the values between them" xmlns="http://www.w3.org/2000/svg" '
        f'width="{wide}" height="{high}" viewBox="0 0 {wide} {high}">{"".join(drawn)}</svg>'
    )


def _edge(source: tuple[int, int], target: tuple[int, int], names: str) -> str:
    x1, y1, x2, y2 = source[0] + WIDTH, source[1] + HEIGHT // 2, target[0], target[1] + HEIGHT // 2
    middle = (x1 + x2) // 2
    return (
        f'<path class="edge" d="M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}"/>'
        f'<text class="small" x="{x2 - ACROSS // 2}" y="{y2 - 5}" text-anchor="middle">{_short(names, 14)}</text>'
    )


def _box(place: tuple[int, int], step: StepRun) -> str:
    x, y = place
    said = str(step.state) if step.seconds < 0.001 else f"{step.state}, {step.seconds:.3g} s"
    return (
        f'<g><title>{html.escape(step.step.name)}</title><rect class="box {step.state}" x="{x}" y="{y}" rx="8" '
        f'width="{WIDTH}" height="{HEIGHT}"/><text x="{x + WIDTH // 2}" y="{y + 17}" text-anchor="middle">'
        f'{_short(step.step.name, 20)}</text><text class="small" x="{x + WIDTH // 2}" y="{y + 32}" '
        f'text-anchor="middle">{_short(said, 24)}</text></g>'
    )


def _short(text: str, most: int) -> str:
    line = _plain(text)
    return html.escape(line if len(line) <= most else line[: most - 1] + "…")


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() and c not in '"<>' and not 0xD800 <= ord(c) <= 0xDFFF else " " for c in text)
