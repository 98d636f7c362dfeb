"""What a lineage can be asked of: a file, a step run, a value, a commit, a package, a parameter; and their users."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

from steppe.catalog import Catalog, RunFilter, StepRunFilter, every
from steppe.errors import Unversionable, UsageError
from steppe.finding import by_name
from steppe.lineage.graph import Node, Root
from steppe.lineage.shown import named
from steppe.lineage.uses import every_use, file_id, users_of
from steppe.types import Digest, State


def root_of(catalog: Catalog, what: str, project: Path) -> Root | Digest:
    """Return what is meant by a word: a name; a file's path; `step.variable`; an id or a version, or its beginning.

    Raises:
        UsageError: nothing is called so, or more than one thing.
    """
    name = catalog.names.get(what)
    if name is not None and name.version is not None:
        return name.version
    if os.path.exists(what) or _known_file(catalog, what, project):
        return of_file(catalog, what, project)
    try:
        place = by_name(catalog, what, None, None, None)
    except UsageError as error:
        try:
            found = named(catalog, what)
        except UsageError:
            raise UsageError(f"there is no file `{what}` that a step has read or written, and {error}") from None
        if found.kind == "artifact":
            return found.id
        if found.kind == "step_run":
            return of_step_run(catalog, found.id)
        if found.kind == "run":
            used = _executed(catalog, found.id)
            return _of_thing("run", found.id, f"run {found.id[:14]}", used, f"the run {found.id} has kept nothing.")
        entry = catalog.entries.find(found.id)[0]
        return of_step_run(catalog, entry.step_run)
    return place.run.outputs[place.name]


def of_file(catalog: Catalog, path: str, project: Path) -> Root:
    """Return a file in the content that it has now; in all that were seen, where it is gone or has changed since.

    Raises:
        UsageError: no step has read or written it.
    """
    from steppe.worker.contents import file_version

    name = _name_of(path, project)
    version = file_version(path) if os.path.isfile(path) else None
    for asked in dict.fromkeys((version, None)):
        readers = users_of(catalog, "file", name, asked)
        writers = users_of(catalog, "written", name, asked)
        if readers or writers:
            node = Node(id=file_id(name, asked or "any"), kind="file", level=0, name=name)
            return Root(node=node, readers=tuple(readers), writers=tuple(writers))
    raise UsageError(f"no step has read or written `{name}`.")


def of_step_run(catalog: Catalog, id_: str) -> Root:
    """Return a StepRun; of a hit, the execution whose result it has."""
    run = catalog.step_runs.get(id_)
    assert run is not None, "it was found by its id"
    return Root(node=Node(id=run.entry or id_, kind="step", level=0, name=run.step.name))


def of_run(catalog: Catalog, run: str) -> list[str]:
    """Return all StepRuns of a run, the first one first."""
    which = StepRunFilter(run=run)
    return [item.id for item in every(lambda after: catalog.step_runs.list(which, after=after, limit=500))][::-1]


def of_commit(catalog: Catalog, commit: str, project: Path) -> Root:
    """Return a git commit: a hash, or what git makes one of (`HEAD~2`, a branch). A tree that differed counts too.

    Raises:
        UsageError: no run stands on it.
    """
    whole = _hash(commit, project)
    used = [*_on_commit(catalog, whole), *_on_commit(catalog, f"{whole}+")]
    return _of_thing("commit", whole, whole[:12], used, f"no run stands on the commit {whole}.")


def of_package(catalog: Catalog, asked: str) -> Root:
    """Return a package, `NAME` or `NAME==VERSION`, that is in the keys of steps.

    Raises:
        UsageError: no step used it, or none in that version; says which versions were used.
    """
    from steppe.engine.environment import normalized

    name, _, version = asked.partition("==")
    name = normalized(name.strip())
    used = users_of(catalog, "package", name, version.strip() or None)
    missing = f"no step has used the package {name}."
    if version and not used:
        versions = sorted({use.version for use in every_use(catalog, "package", name)})
        missing = f"no step has used {name} {version}" + (f": there are {', '.join(versions)}." if versions else ".")
    return _of_thing("package", asked, asked, used, missing)


def of_parameter(catalog: Catalog, name: str, value: Any) -> Root:
    """Return a variable with a value, such as a notebook's parameter, that steps have read.

    Raises:
        UsageError: no step has read it so.
    """
    from steppe.values import families as families  # registers the encoders
    from steppe.values.walk import Walk
    from steppe.worker.sources import Sources

    try:
        version = Walk(Sources()).root_of(value).version
    except Unversionable as error:
        raise UsageError(f"the value of `{name}` has no version: {error}.") from error
    users = every(lambda after: catalog.lineage.users(version, after=after, limit=200))
    used = [run.id for run in users if run.inputs.get(name) == version]
    said = f"{name} = {value!r}"
    return _of_thing("parameter", f"{name}@{version}", said, sorted(used), f"no step has read {said}.")


def _of_thing(kind: str, id_: str, name: str, used: list[str], missing: str) -> Root:
    if not used:
        raise UsageError(missing)
    node = Node(id=f"{kind}:{id_}", kind=kind, level=0, name=name)
    return Root(node=node, readers=tuple(dict.fromkeys(used)))


def _executed(catalog: Catalog, run: str) -> list[str]:
    """Return the executions that a run has made or hit."""
    which = StepRunFilter(run=run, states=(State.SUCCEEDED, State.HIT))
    steps = every(lambda after: catalog.step_runs.list(which, after=after, limit=500))
    return [item.entry or item.id for item in steps][::-1]


def _on_commit(catalog: Catalog, commit: str) -> list[str]:
    which = RunFilter(commit=commit)
    runs = every(lambda after: catalog.runs.list(which, after=after, limit=200))
    return [id_ for run in runs for id_ in _executed(catalog, run.id)]


def _name_of(path: str, project: Path) -> str:
    """Return a path as traces have it: relative to the project where it lies inside."""
    whole = os.path.realpath(path)
    root = os.path.realpath(project)
    return os.path.relpath(whole, root) if whole.startswith(root + os.sep) else whole


def _known_file(catalog: Catalog, path: str, project: Path) -> bool:
    name = _name_of(path, project)
    return any(catalog.lineage.using(kind, name, limit=1).items for kind in ("file", "written"))


def _hash(commit: str, project: Path) -> str:
    asked = ["git", "-C", str(project), "rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{commit}}"]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
    except OSError:
        return commit
    return done.stdout.strip() or commit
