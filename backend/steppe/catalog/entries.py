"""Entries: what was kept under each CacheKey. Knows nothing of whether a trace still holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from blake3 import blake3

from steppe.catalog.artifacts import artifact_of, artifact_row
from steppe.catalog.database import Database, Journal, Transaction, pack, plain
from steppe.catalog.rows import CLAIM, ENTRY
from steppe.catalog.step_runs import write_step_run
from steppe.types import Artifact, Digest, Entry, Observation, StepId, StepRun


class Entries:
    """Entries by key: one for each set of observations under which the key was executed."""

    def __init__(self, database: Database, journal: Journal) -> None:
        """Use the catalog's database and journal."""
        self._database = database
        self._journal = journal

    def find(self, key: Digest) -> list[Entry]:
        """Return all entries of a key, newest first, those that have expired included."""
        return [ENTRY.record(row) for row in self._database.rows("entries.find", {"key": key})]

    def among(self, keys: Iterable[Digest]) -> dict[Digest, list[Entry]]:
        """Return what `find` does for each of many keys that has any, in one query."""
        found: dict[Digest, list[Entry]] = {}
        for row in self._database.rows("entries.among", {"keys": self._database.list_of(dict.fromkeys(keys))}):
            entry = ENTRY.record(row)
            found.setdefault(entry.key, []).append(entry)
        return found

    def beginning(self, prefix: str, limit: int = 5) -> list[Digest]:
        """Return the keys of entries that begin with `prefix`, in order."""
        asked = {"low": prefix, "high": f"{prefix}~", "limit": limit}
        return [row[0] for row in self._database.rows("entries.beginning", asked)]

    def keep(
        self,
        entry: Entry,
        artifacts: Mapping[str, Artifact],
        step_run: StepRun,
        *,
        blobs: Iterable[Digest] = (),
        holder: str = "",
    ) -> bool:
        """Keep a finished execution: durable and whole when this returns, and whole or not at all before.

        It takes the place of an older entry with the same key and the same trace, which could never be a hit again.
        Keeping the same entry twice comes to the same as once.

        Args:
            entry: what to keep; its bytes must be in the Store already.
            artifacts: its outputs by the variable's name.
            step_run: the StepRun that executed it (`entry.step_run`), recorded in the same transaction.
            blobs: what it needs beside its result and its artifacts' parts, such as files that it wrote.
            holder: who had claimed the key, if somebody had.

        Returns:
            False, and nothing is kept, where the holder has lost its claim to another, who executes the key now or
            has done so since this execution began.

        Raises:
            IllegalTransition: the StepRun's state may not follow the one recorded before; nothing is kept.
        """
        assert entry.step_run == step_run.id, "an entry and the StepRun that executed it"
        if self._journal.has(step_run.id):
            self._journal.flush()

        def write(tx: Transaction) -> bool:
            if holder and _is_lost(tx, entry, step_run.started, holder):
                return False
            write_step_run(tx, step_run)
            write_entry(tx, entry, artifacts, blobs)
            return True

        return self._database.write(write, durable=True)

    def keep_each(self, entries: Iterable[tuple[Entry, Iterable[Digest]]], step_run: StepRun) -> None:
        """Keep finished executions of many keys by one StepRun, in one transaction: durable when this returns.

        Args:
            entries: each with what it needs beside its result.
            step_run: the StepRun that executed them, recorded in the same transaction: it may still run.
        """
        rows = sorted(((entry, tuple(blobs)) for entry, blobs in entries), key=lambda row: row[0].key)
        if self._journal.has(step_run.id):
            self._journal.flush()

        def write(tx: Transaction) -> None:
            write_step_run(tx, step_run)
            for entry, blobs in rows:
                write_entry(tx, entry, {}, blobs)

        self._database.write(write, durable=True)

    def bring(
        self,
        step_run: StepRun,
        entries: Iterable[tuple[Entry, Iterable[Digest]]],
        artifacts: Mapping[str, Artifact],
    ) -> dict[Digest, tuple[str, ...]]:
        """Enter an execution from another catalog, durably and whole; what is here under its keys goes before it.

        An entry is left out where one that is here may hold at the same time: no file, variable or whatever that both
        have seen differs. Its StepRun and its artifacts are entered all the same.

        Args:
            step_run: the StepRun that executed it.
            entries: what is kept of it, each with what it needs beside its result.
            artifacts: its outputs by the variable's name.

        Returns:
            The StepRuns that made what is here, by the keys of the entries that were left out.
        """
        rows = sorted(((entry, tuple(blobs)) for entry, blobs in entries), key=lambda row: row[0].key)

        def write(tx: Transaction) -> dict[Digest, tuple[str, ...]]:
            write_step_run(tx, step_run)
            found = {}
            for entry, blobs in rows:
                here = [ENTRY.record(row) for row in tx.rows("entries.find", {"key": entry.key})]
                rivals = [each.step_run for each in here if each != entry and _agree(each.trace, entry.trace)]
                if rivals:
                    found[entry.key] = tuple(dict.fromkeys(rivals))
                elif entry not in here:
                    write_entry(tx, entry, {}, blobs)
            _write_artifacts(tx, artifacts, step_run.started)
            return found

        return self._database.write(write, durable=True)

    def touch(self, entry: Entry, now: float) -> None:
        """Note that an entry was used; written a moment later."""
        self.touch_each((entry,), now)

    def touch_each(self, entries: Iterable[Entry], now: float) -> None:
        """Note that entries were used; written a moment later."""
        found = sorted((each.key, trace_digest(each.trace)) for each in entries)  # in one order for all writers
        used = [{"its_key": key, "its_trace": trace, "now": now} for key, trace in found]
        self._journal.put(lambda tx: tx.run_each("entries.touch", used), contended=True)

    def artifacts(self, entry: Entry) -> dict[str, Artifact]:
        """Return an entry's outputs by the variable's name."""
        rows = self._database.rows("entries.artifacts", {"step_run": entry.step_run})
        return {name: artifact_of(row) for name, *row in rows}

    def forget(self, key: Digest) -> int:
        """Forget all entries of a key; return how many there were. Their bytes are left to `steppe gc`."""
        return self._forget("entries.forget", {"key": key})

    def forget_step(self, step: StepId) -> int:
        """Forget all entries that a step ever made or used."""
        return self._forget("entries.forget_step", {"notebook": step.notebook, "step": step.name})

    def forget_notebook(self, notebook: str) -> int:
        """Forget all entries that any step of a notebook ever made or used."""
        return self._forget("entries.forget_notebook", {"notebook": notebook})

    def forget_all(self) -> int:
        """Forget every entry of every notebook."""
        return self._forget("entries.forget_all", {})

    def _forget(self, statement: str, parameters: Mapping[str, str]) -> int:
        self._journal.flush()
        return self._database.write(lambda tx: tx.run(statement, parameters), durable=True)


def trace_digest(trace: Iterable[Observation]) -> str:
    """Return the digest of a set of observations, whatever their order."""
    lines = sorted((plain(seen.kind), plain(seen.name), plain(seen.version)) for seen in trace)
    return blake3(pack(lines) or b"").hexdigest()


def _is_lost(tx: Transaction, entry: Entry, began: float, holder: str) -> bool:
    """Tell whether another has taken a claim over; that it is gone does not say so: the catalog may be a new one."""
    claim = tx.row("claims.get", {"key": entry.key})
    if claim is not None:
        return CLAIM.record(claim).holder != holder
    found = [ENTRY.record(row) for row in tx.rows("entries.find", {"key": entry.key})]
    return any(other.created >= began and other.result != entry.result for other in found)


def write_entry(tx: Transaction, entry: Entry, artifacts: Mapping[str, Artifact], blobs: Iterable[Digest]) -> None:
    """Write an entry, its artifacts and the blobs that it needs."""
    digest = trace_digest(entry.trace)
    if not tx.run("entries.keep", {**ENTRY.row(entry), "trace_digest": digest, "used": entry.created}):
        return  # a newer one is there
    found = tx.row("entries.id", {"key": entry.key, "trace_digest": digest})
    assert found is not None
    of_entry = {"entry": found[0]}
    tx.run("entries.clear_blobs", of_entry)
    _write_artifacts(tx, artifacts, entry.created)
    parts = {artifact.part.blob for artifact in artifacts.values() if artifact.part and artifact.part.blob}
    tx.run_each("entries.add_blob", [{**of_entry, "blob": blob} for blob in sorted({entry.result, *parts, *blobs})])


def _write_artifacts(tx: Transaction, artifacts: Mapping[str, Artifact], now: float) -> None:
    # In one order for all writers: two transactions that lock the same rows in different orders would wait for ever.
    by_version = {artifact.version: artifact for artifact in artifacts.values()}
    tx.run_each("artifacts.put", [artifact_row(by_version[version], now) for version in sorted(by_version)])


def _agree(one: Iterable[Observation], other: Iterable[Observation]) -> bool:
    """Tell whether two traces may hold at the same time, as far as they tell of the same things."""
    seen = {(each.kind, each.name): each.version for each in one}
    return all(seen.get((each.kind, each.name), each.version) == each.version for each in other)
