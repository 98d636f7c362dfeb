"""The report of a corpus run as Markdown, and what in it counts as a failure. Knows only `run.py`'s rows."""

from __future__ import annotations

from collections import Counter
from typing import Any

RUNS = ("cold", "warm")
MOST_AGAIN_CELLS, MOST_AGAIN_SECONDS, MOST_ALLOWED_CELLS = 0.15, 0.10, 0.02


def failures(row: dict[str, Any]) -> list[str]:
    """Say in a few words each what is wrong with one notebook's row; nothing where all is well."""
    found = []
    for mode, about in row.items():
        if not isinstance(about, dict):
            continue
        if "failed" in about:
            found.append(f"{mode}: {about['failed']}")
        for run in RUNS:
            if run in about and not about[run]["equal"]:
                kinds = Counter(each["kind"] for each in _differences(about[run]))
                found.append(f"{mode} {run}: " + ", ".join(f"{count} {kind}" for kind, count in kinds.most_common()))
        unexplained = [each for each in about.get("warmth", {}).get("again", []) if not each["why"]]
        if unexplained:
            found.append(f"{mode}: {len(unexplained)} cells ran again without a reason")
    return found


def excess(rows: list[dict[str, Any]], modes: list[str]) -> list[str]:
    """Say which of the corpus' limits are passed: cells of allowed kinds, cells and time that ran again.

    Our own notebooks do not count: they are made of what can't move and can't be cached.
    """
    rows = [row for row in rows if row["package"] != "own"]
    found = []
    for mode in modes:
        for run in RUNS:
            counts = _verdicts(rows, mode, run)
            if counts["allowed"] > MOST_ALLOWED_CELLS * counts.total():
                found.append(f"{mode} {run}: {counts['allowed']} of {counts.total()} cells differ in allowed kinds")
        total = _warmths(rows, mode)
        if total["again"] > MOST_AGAIN_CELLS * total["cells"]:
            found.append(f"{mode}: {total['again']:.0f} of {total['cells']:.0f} cells ran again")
        if total["seconds_again"] > MOST_AGAIN_SECONDS * total["seconds"]:
            found.append(f"{mode}: {total['seconds_again']:.0f} of {total['seconds']:.0f} s ran again")
    return found


def _verdicts(rows: list[dict[str, Any]], mode: str, run: str) -> Counter[str]:
    """Count the cells' verdicts over all notebooks."""
    counts: Counter[str] = Counter()
    for row in rows:
        counts.update(row.get(mode, {}).get(run, {}).get("verdicts", {}))
    return counts


def _warmths(rows: list[dict[str, Any]], mode: str) -> Counter[str]:
    """Add the notebooks' warmths up."""
    total: Counter[str] = Counter()
    for row in rows:
        for key, value in row.get(mode, {}).get("warmth", {}).items():
            total[key] += len(value) if isinstance(value, list) else value
    return total


def markdown(rows: list[dict[str, Any]], modes: list[str]) -> str:
    """Return the whole report: totals, what ran again and why, and every difference."""
    usable = [row for row in rows if "unusable" not in row]
    passed = "\n".join(f"- {each}" for each in excess(usable, modes))
    parts = [
        _totals(usable, modes),
        passed and f"## Limits passed\n\n{passed}",
        _warmth(usable, [mode for mode in modes if mode != "plain"]),
        _details(usable),
    ]
    lost = [f"- {row['name']}: {row['unusable']}" for row in rows if "unusable" in row]
    if lost:
        parts.append("\n".join(["## Not counted: the plain run fails", "", *lost]))
    return "\n\n".join(part for part in parts if part) + "\n"


def _totals(rows: list[dict[str, Any]], modes: list[str]) -> str:
    """Return a table of what was compared."""
    table = [
        f"## {len(rows)} notebooks compared with plain runs",
        "",
        "| run | notebooks | cells | equal | masked | exempt | allowed | different | names | unstable | ends differ |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for mode in modes:
        for run in RUNS:
            verdicts = [row[mode][run] for row in rows if run in row.get(mode, {})]
            if not verdicts:
                continue
            counts = _verdicts(rows, mode, run)
            cells = [str(counts[name]) for name in ("equal", "masked", "exempt", "allowed", "different")]
            ends = [
                sum(each["names"] for each in verdicts),
                *(sum(len(each[key]) for each in verdicts) for key in ("unstable", "differences")),
            ]
            equal = f"{sum(each['equal'] for each in verdicts)} of {len(verdicts)}"
            table.append(f"| {mode} {run} | {equal} | {counts.total()} | {' | '.join([*cells, *map(str, ends)])} |")
    return "\n".join(table)


def _warmth(rows: list[dict[str, Any]], modes: list[str]) -> str:
    """Return a table of what the warm runs ran again, and the reasons, most frequent first."""
    table = [
        "## Warm",
        "",
        "| executor | cells | import only | hits | ran again | of the cells | plain s | run again s | of the time |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    reasons: Counter[str] = Counter()
    for mode in modes:
        found = [row[mode]["warmth"] for row in rows if "warmth" in row.get(mode, {})]
        if not found:
            continue
        for cell in (cell for each in found for cell in each["again"]):
            reasons[f"{mode} {cell['status']}: {cell['why'] or '(no reason)'}"] += 1
        total = _warmths(rows, mode)
        share, time_share = (
            total["again"] / max(1, total["cells"]),
            total["seconds_again"] / max(1e-9, total["seconds"]),
        )
        counts = " | ".join(f"{total[key]:.0f}" for key in ("cells", "imports", "hits", "again"))
        times = f"{total['seconds']:.0f} | {total['seconds_again']:.0f} | {time_share:.1%}"
        table.append(f"| {mode} | {counts} | {share:.1%} | {times} |")
    if len(table) == 4:
        return ""
    told = [f"- {count} times: {reason}" for reason, count in reasons.most_common(40)]
    return "\n".join([*table, "", f"Allowed: {MOST_AGAIN_CELLS:.0%} and {MOST_AGAIN_SECONDS:.0%}.", "", *told])


def _details(rows: list[dict[str, Any]]) -> str:
    """Return every difference, by notebook, run and cell."""
    lines = []
    for row in rows:
        for mode, about in row.items():
            if not isinstance(about, dict):
                continue
            if "failed" in about:
                lines.append(f"- **{row['name']}** {mode}: {about['failed']}")
            for run in (run for run in RUNS if run in about):
                lines += [
                    f"- **{row['name']}** {mode} {run}, {each['at']}{each['where']} ({each['kind']}): "
                    f"`{_line(each['plain'])}` → `{_line(each['other'])}`"
                    for each in _differences(about[run])
                ]
    return "\n".join(["## Differences", "", *lines]) if lines else ""


def _differences(verdict: dict[str, Any]) -> list[dict[str, str]]:
    """Return the differences of cells and of the end, each with the cell that it is at."""
    cells = [{**each, "at": f"{cell['cell']} "} for cell in verdict["not equal"] for each in cell["differences"]]
    return cells + [{**each, "at": ""} for each in verdict["differences"]]


def _line(text: str, width: int = 110) -> str:
    return text.replace("\n", "⏎").replace("`", "'")[:width]
