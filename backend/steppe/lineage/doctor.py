"""`steppe doctor`: is everything that was kept sound and in reach? Each finding is one sentence with what to do."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import sys
import time

from packaging.requirements import Requirement

from steppe.catalog import Catalog, open_catalog
from steppe.errors import CorruptArtifact, MissingArtifact, SteppeError, StoreError
from steppe.lineage.opened import catalog_place, store_of
from steppe.settings import Project
from steppe.store.store import Store
from steppe.types import Digest, Struct
from steppe.wording import sized

ROOM = 2**30
"""Bytes that should be free where the Store is."""


class Finding(Struct, frozen=True, kw_only=True):
    """Something that is wrong.

    Attributes:
        about: `environment`, `project`, `store`, `catalog`, `blob` or `disk`.
        said: what is wrong, where, and what to do.
    """

    about: str
    said: str


class Health:
    """What an examination has found.

    Attributes:
        findings: what is wrong.
        checked: what was looked at, in words, with how much there is of it.
    """

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.checked: dict[str, str] = {}

    def add(self, about: str, said: str) -> None:
        """Add a finding."""
        self.findings.append(Finding(about=about, said=said))


def examine(project: Project) -> Health:
    """Examine a project: the environment, its Store with all bytes, its Catalog, the room on the disk."""
    health = Health()
    _environment(health)
    health.checked["project"] = project.root
    place = catalog_place(project)
    if not project.settings.catalog and not os.path.exists(place):
        health.checked["catalog"] = "none yet: no step has run in this project"
        _disk(health, project, None)
        return health
    catalog = _catalog(health, place)
    store = _store(health, project)
    try:
        if store is not None:
            _bytes(health, store, catalog)
    finally:
        if catalog is not None:
            catalog.close()
    _disk(health, project, store)
    return health


def _environment(health: Health) -> None:
    health.checked["python"] = f"{sys.version.split()[0]} at {sys.executable}"
    try:
        ours = importlib.metadata.distribution("steppe")
    except importlib.metadata.PackageNotFoundError:
        health.add("environment", "the package steppe is not installed in this environment: `pip install steppe`.")
        return
    health.checked["steppe"] = ours.version
    for line in ours.requires or ():
        needed = Requirement(line)
        if needed.marker is not None and not needed.marker.evaluate({"extra": ""}):
            continue
        try:
            version = importlib.metadata.version(needed.name)
        except importlib.metadata.PackageNotFoundError:
            health.add(
                "environment", f"{needed.name} is not installed: `pip install '{needed.name}{needed.specifier}'`."
            )
            continue
        if not needed.specifier.contains(version, prereleases=True):
            asked = f"{needed.name}{needed.specifier}"
            health.add("environment", f"{needed.name} is {version}, and Steppe needs {asked}: `pip install '{asked}'`.")


def _catalog(health: Health, place: str) -> Catalog | None:
    try:
        catalog = open_catalog(place)
    except SteppeError as error:
        health.add("catalog", str(error))
        return None
    try:
        for line in catalog.upkeep.check():
            health.add("catalog", line)
        counts = catalog.upkeep.counts()
        health.checked["catalog"] = f"{catalog.url}: " + ", ".join(
            f"{count} {table.replace('_', ' ')}" for table, count in counts.items()
        )
        if catalog.read_only:
            health.add(
                "catalog", f"the catalog {catalog.url} can't be written to: make it writable, or nothing is kept."
            )
    except SteppeError as error:
        health.add("catalog", str(error))
    return catalog


def _store(health: Health, project: Project) -> Store | None:
    probe = f"doctor/{os.getpid()}-{time.time_ns()}"
    try:
        store = store_of(project)
        store.replace_record(probe, b"steppe doctor")
        store.delete_record(probe)
    except SteppeError as error:
        health.add("store", f"the store can't be written to: {error}")
        try:
            return store_of(project)
        except SteppeError:
            return None
    return store


def _bytes(health: Health, store: Store, catalog: Catalog | None) -> None:
    count = size = 0
    there: set[Digest] = set()
    try:
        for blob in store.blobs():
            try:
                store.verify(blob.digest)
            except CorruptArtifact as error:
                health.add("blob", f"{_whose(blob.digest, catalog)}: {error}{_advice(blob.digest, catalog)}")
                continue
            except MissingArtifact:
                continue  # removed since it was listed
            there.add(blob.digest)
            count, size = count + 1, size + blob.size
        if catalog is not None:
            for digest in sorted(catalog.upkeep.live() - there):
                if not store.has(digest):
                    said = f"{_whose(digest, catalog)}: the bytes stored under {digest} are gone."
                    health.add("blob", said + _advice(digest, catalog))
    except (StoreError, SteppeError) as error:
        health.add("store", str(error))
    health.checked["store"] = f"{store.url}: {count} blobs, {sized(size)}, all read and verified"


def _whose(digest: Digest, catalog: Catalog | None) -> str:
    """Name the steps whose results need a blob."""
    names: dict[str, None] = {}
    for _, step_run in catalog.upkeep.using(digest) if catalog is not None else ():
        assert catalog is not None
        found = catalog.step_runs.get(step_run)
        if found is not None:
            names[f"`{found.step.name}` in {found.step.notebook}"] = None
    return " and ".join(names) if names else "bytes that no result needs"


def _advice(digest: Digest, catalog: Catalog | None) -> str:
    """Say what to do where bytes are damaged or gone: what describes a run can't be made again, and is not needed."""
    needed = catalog is not None and any(True for _ in catalog.upkeep.using(digest))
    return " Run the step again." if needed else ""


def _disk(health: Health, project: Project, store: Store | None) -> None:
    place = store.url if store is not None and os.path.isdir(store.url) else str(project.root)
    usage = shutil.disk_usage(place)
    health.checked["disk"] = f"{sized(usage.free)} free of {sized(usage.total)} at {place}"
    if usage.free < ROOM:
        health.add("disk", f"only {sized(usage.free)} are free at {place}: make room, or run `steppe gc`.")
    if store is None:
        return
    try:
        held = sum(blob.size for blob in store.blobs())
    except StoreError:
        return
    limit = project.settings.limit
    if held > limit:
        health.add("disk", f"the store holds {sized(held)}, more than its limit of {sized(limit)}: run `steppe gc`.")
