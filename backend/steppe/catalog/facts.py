"""Keeps, for each step, the things that it was seen to use: to find every step that used a given one."""

from __future__ import annotations

from blake3 import blake3

from steppe.catalog.database import Transaction, brief, pack
from steppe.states import ENDED
from steppe.types import StepRun

_INGREDIENTS = frozenset({"package", "python", "module", "function", "class", "source", "global"})
_OBSERVATIONS = frozenset({"file", "listing", "glob", "absent", "variable"})

Fact = tuple[str, str, str]
"""Kind, name and version of a thing that was used."""


def write_facts(tx: Transaction, record: StepRun) -> None:
    """Write down that a StepRun is its step's latest, and, once it has ended, what it used.

    Where a later one of the same step is known, since this one took long, its uses are added as past ones.
    """
    place = {"notebook": record.step.notebook, "step": record.step.name, "part": record.part}
    latest, known = tx.row("steps.get", place) or ("", "")
    if record.state in ENDED:
        commit = tx.row("runs.commit", {"id": record.run})
        used = facts(record, commit[0] if commit else "")
        rows = [
            {**place, "kind": kind, "name": name, "version": version, "seen": record.id, "current": 1}
            for kind, name, version in used
        ]
        if record.id < latest:
            tx.run_each("steps.add_use", [{**row, "current": 0} for row in rows])
            return
        digest = blake3(pack(used) or b"").hexdigest()
        if digest != known:
            tx.run("steps.outdate_uses", place)
            tx.run_each("steps.put_use", rows)
            known = digest
    if record.id >= latest:
        tx.run("steps.put", {**place, "first": record.id, "last": record.id, "facts": known})


def facts(record: StepRun, commit: str) -> list[Fact]:
    """Return what a StepRun used, each thing once, in order."""
    found = {(part.kind, part.name, part.version) for part in record.ingredients if part.kind in _INGREDIENTS}
    found |= {(seen.kind, seen.name, seen.version) for seen in record.trace if seen.kind in _OBSERVATIONS}
    found |= {("written", file.path, file.blob or "") for file in record.written}
    if commit:
        found.add(("commit", commit.removesuffix("+"), commit))
    return sorted((brief(kind), brief(name), brief(version)) for kind, name, version in found)
