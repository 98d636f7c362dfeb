"""`steppe bundle` and `steppe import`: a run as one signed file, and such a file into another project."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from steppe.catalog import Catalog, Note
from steppe.engine.elsewhere import Elsewhere
from steppe.engine.lookup import DECODER, blobs_of
from steppe.errors import UsageError
from steppe.ids import new_id
from steppe.settings import Project, make_state
from steppe.sharing.container import Bundle, Item, write
from steppe.sharing.harmless import DATA, needs_trust
from steppe.sharing.makers import Maker, Signer
from steppe.sharing.origin import SAID
from steppe.sharing.paths import place
from steppe.sharing.records import Contents, Records
from steppe.store.store import Store
from steppe.types import Observation, Result, StepRun

SYSTEM = ("/usr/", "/etc/", "/opt/", "/lib", "/proc/", "/sys/", "/dev/")
"""Where a machine's own files are."""


def make(contents: Contents, path: Path, run: str, signer: Signer) -> int:
    """Write a bundle; return its size in bytes."""
    return write(path, signer, run, time.time(), contents.items, contents.read)


class Coming:
    """A bundle that was opened and verified, and what of it needs trust.

    Attributes:
        maker: who made it.
        records: the history in it.
        doubts: by StepRun, why its result should be taken from somebody trusted only.
        code: files of the project that may be code.
    """

    def __init__(self, bundle: Bundle) -> None:
        """Read what a bundle holds.

        Raises:
            UsageError: what is in it does not fit together.
        """
        self._bundle = bundle
        self.maker: Maker = bundle.manifest.maker
        self.records = _records(bundle)
        self._blobs = {item.digest for item in bundle.manifest.items if item.kind == "blob"}
        self._results = {run.id: found for run in self.records.step_runs if (found := self._result(run)) is not None}
        self.doubts = {id_: why for id_, result in self._results.items() if (why := needs_trust(result))}
        project = [item.path for item in bundle.manifest.items if item.kind == "project"]
        self.code = [path for path in project if not path.lower().endswith((*DATA, ".ipynb"))]

    def names(self, ids: dict[str, list[str]]) -> list[str]:
        """Return the names of the steps of some StepRuns."""
        return sorted({run.step.name for run in self.records.step_runs if run.id in ids})

    def enter(self, project: Project, catalog: Catalog, store: Store, *, trust: bool) -> Entered:
        """Enter it into a project's Store and Catalog, and write the files that are not there.

        Args:
            project: the project.
            catalog: its Catalog.
            store: its Store.
            trust: whether pickles, code and the like are taken, too.

        Raises:
            UsageError: a file of it would be outside of the project; nothing was entered.
        """
        root = Path(project.root)
        for item in self._bundle.manifest.items:
            if item.kind == "project":
                place(root, item.path)
        taken = {id_: result for id_, result in self._results.items() if trust or id_ not in self.doubts}
        self._put_blobs(store, taken)
        written, kept = self._put_files(root, trust=trust)
        if self.records.packages.versions:
            Elsewhere(make_state(project)).add(self.records.packages)
        self._enter_history(catalog, taken)
        hits = sorted({run.step.name for run in self.records.step_runs if run.id in taken and run.id in self._keyed()})
        left = sorted({run.step.name for run in self.records.step_runs if run.id in self._results} - set(hits))
        return Entered(hits, left, written, kept)

    def _keyed(self) -> set[str]:
        return {entry.step_run for entry in self.records.entries}

    def _result(self, run: StepRun) -> Result | None:
        if run.result is None or run.entry:
            return None
        if run.result not in self._blobs:
            raise UsageError(f"the bundle lacks the result of `{run.step.name}`.")
        body = next(b"".join(pieces) for item, pieces in self._bundle.items("blob") if item.digest == run.result)
        try:
            result = DECODER.decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise UsageError(f"the bundle's result of `{run.step.name}` can't be read: {error}.") from error
        missing = set(blobs_of(result)) - self._blobs
        if missing:
            raise UsageError(f"the bundle lacks values of `{run.step.name}`.")
        return result

    def _put_blobs(self, store: Store, taken: dict[str, Result]) -> None:
        """Put the bytes of the results that are taken, and no others."""
        wanted = {run.result for run in self.records.step_runs if run.id in taken}
        wanted |= {blob for result in taken.values() for blob in blobs_of(result)}
        for item, pieces in self._bundle.items("blob"):
            if item.digest in wanted and not store.put_as(item.digest, pieces):
                raise UsageError("the bundle was changed while it was read.")

    def _put_files(self, root: Path, *, trust: bool) -> tuple[list[str], list[str]]:
        written, kept = [], []
        for item, pieces in self._bundle.items("project"):
            if not trust and item.path in self.code:
                continue
            whole = place(root, item.path)
            if whole.exists():
                kept += [item.path] if _differs(whole, item) else []
                continue
            whole.parent.mkdir(parents=True, exist_ok=True)
            fresh = whole.with_name(f"{whole.name}.{secrets.token_hex(4)}")
            with open(fresh, "xb") as file:
                file.writelines(pieces)
            os.replace(fresh, whole)
            written.append(item.path)
        return written, kept

    def _enter_history(self, catalog: Catalog, taken: dict[str, Result]) -> None:
        entries = {entry.step_run: entry for entry in self.records.entries}
        for run in self.records.runs:
            theirs = [step.id for step in self.records.step_runs if step.run == run.id]
            is_new = catalog.runs.get(run.id) is None
            if is_new:
                catalog.runs.begin(run)
            if is_new or any(catalog.step_runs.get(id_) is None for id_ in theirs):
                said = f"{SAID}{self.maker.told()}"
                id_ = new_id(time.time(), secrets.randbits)
                catalog.notes.add(Note(id=id_, kind="run", subject=run.id, text=said, time=time.time()))
        artifacts = {item.version: item for item in self.records.artifacts}
        held = {item.version for result in taken.values() for item in result.outputs.values()}
        for step_run in self.records.step_runs:
            fresh = catalog.step_runs.get(step_run.id) is None
            result, entry = taken.get(step_run.id), entries.get(step_run.id)
            if result is None or entry is None:
                if fresh:
                    its = step_run.result if (step_run.entry or step_run.id) in taken else None
                    catalog.step_runs.record(msgspec.structs.replace(step_run, result=its))
            else:
                trace = tuple(_elsewhere(entry.trace))
                entry = msgspec.structs.replace(entry, trace=trace)
                catalog.entries.keep(entry, result.outputs, step_run, blobs=blobs_of(result))
            for metric in self.records.metrics.get(step_run.id, ()) if fresh else ():
                catalog.metrics.log(step_run.id, metric.name, metric.value, step=metric.step, now=metric.time)
        for version, artifact in artifacts.items():
            if catalog.artifacts.get(version) is None:
                known = artifact if version in held else msgspec.structs.replace(artifact, part=None)
                catalog.artifacts.put(known, time.time())
        catalog.flush()


class Entered:
    """What came of an import.

    Attributes:
        hits: the steps that will hit.
        left: those whose results were left out, since their maker is not trusted or they were not chosen.
        written: the files that were written.
        kept: those that were not, since others are there.
    """

    def __init__(self, hits: list[str], left: list[str], written: list[str], kept: list[str]) -> None:
        self.hits = hits
        self.left = left
        self.written = written
        self.kept = kept


def _records(bundle: Bundle) -> Records:
    found = [b"".join(pieces) for _, pieces in bundle.items("records")]
    if len(found) != 1:
        raise UsageError("the bundle has no history.")
    try:
        records = msgspec.msgpack.decode(found[0], type=Records)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"the bundle's history can't be read: {error}.") from error
    known = {run.id: run for run in records.step_runs}
    for entry in records.entries:
        if entry.step_run not in known or known[entry.step_run].result != entry.result:
            raise UsageError("the bundle's history does not fit together.")
    return records


def _elsewhere(trace: tuple[Observation, ...]) -> Iterator[Observation]:
    """Yield what must hold here for a hit: what lies in the project, and data outside of it that is here, too.

    Where the maker's interpreter and home lie, and what is there, is no matter of this machine's.
    """
    for seen in trace:
        outside = seen.name.startswith(("/", "~"))
        if not outside or (seen.kind == "file" and not seen.name.startswith(SYSTEM) and os.path.exists(seen.name)):
            yield seen


def _differs(path: Path, item: Item) -> bool:
    from steppe.worker.contents import file_version

    return not path.is_file() or file_version(str(path)) != item.digest
