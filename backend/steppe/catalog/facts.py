"""Keeps, for each step, the things that it was seen to use: to find every step that used a given one."""

from __future__ import annotations

from typing import Any

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
        found = tx.row("runs.commit", {"id": record.run})
        commit = found[0] if found else ""
        used = facts(record)
        rows = [_use(place, fact, record.id) for fact in used]
        if record.id < latest:
            rows += [_use(place, _of_commit(commit), record.id)] if commit else []
            tx.run_each("steps.add_use", [{**row, "current": 0} for row in rows])
            return
        digest = blake3(pack(used) or b"").hexdigest()
        noted, _, at = known.partition(" ")
        if digest != noted:
            tx.run("steps.outdate_uses", place)
            tx.run_each("steps.put_use", rows)
            at = ""
        known = f"{digest} {_note_commit(tx, place, record.id, at, commit)}".strip()
    if record.id >= latest:
        tx.run("steps.put", {**place, "first": record.id, "last": record.id, "facts": known})


def write_commit(tx: Transaction, run: str, commit: str) -> None:
    """Write down that the steps that a run has resolved so far used a commit, now that it is known."""
    for notebook, step, part, last in tx.rows("runs.resolved", {"run": run}):
        place = {"notebook": notebook, "step": step, "part": part}
        latest, known = tx.row("steps.get", place) or ("", "")
        if latest == last and known:
            digest, _, at = known.partition(" ")
            facts = f"{digest} {_note_commit(tx, place, last, at, commit)}"
            tx.run("steps.put", {**place, "first": last, "last": last, "facts": facts})


def _note_commit(tx: Transaction, place: dict[str, Any], seen: str, noted: str, commit: str) -> str:
    """Write down a step's commit where it is another than the one noted; return the one that is noted then."""
    if not commit or commit == noted:
        return noted
    if noted:
        tx.run("steps.outdate_commits", place)
    tx.run("steps.put_use", _use(place, _of_commit(commit), seen))
    return commit


def _of_commit(commit: str) -> Fact:
    return "commit", commit.removesuffix("+"), commit


def _use(place: dict[str, Any], fact: Fact, seen: str) -> dict[str, Any]:
    kind, name, version = fact
    return {**place, "kind": kind, "name": name, "version": version, "seen": seen, "current": 1}


def facts(record: StepRun) -> list[Fact]:
    """Return what a StepRun used, each thing once, in order; its run's commit apart, which is told later."""
    found = {(part.kind, part.name, part.version) for part in record.ingredients if part.kind in _INGREDIENTS}
    found |= {(seen.kind, seen.name, seen.version) for seen in record.trace if seen.kind in _OBSERVATIONS}
    found |= {("written", file.path, file.blob or "") for file in record.written}
    return sorted((brief(kind), brief(name), brief(version)) for kind, name, version in found)
