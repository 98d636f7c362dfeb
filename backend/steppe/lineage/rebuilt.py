"""The packages that a run had, by its lock: again beside those that are here, or as an environment by themselves."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from steppe.engine.environment import EDITABLE
from steppe.errors import UsageError
from steppe.lineage import locks
from steppe.lineage.locks import Lock
from steppe.lineage.opened import Opened
from steppe.settings import make_state
from steppe.types import Run, StepRun
from steppe.worker.packages import LONGEST, Packages, UvFailed, alone, make, misfits, name_of, run

OURS = ("steppe", "steppe_magic", "steppe_server")
"""The packages of Steppe itself, which an environment has from here."""

Tell = Callable[[str], None]


def lock_of(run_: Run, here: Opened) -> Lock:
    """Return a run's lock.

    Raises:
        UsageError: it has none, or was run by another Python.
    """
    lock = locks.of_run(run_, here.store)
    if lock is None:
        raise UsageError(f"the run {run_.id} has no lock: it was cut short, or came from elsewhere without one.")
    minor = ".".join(lock.python.split(".")[:2])
    mine = f"{sys.version_info.major}.{sys.version_info.minor}"
    if minor != mine:
        raise UsageError(f"the run had Python {minor}, and this is {mine}: ask a Steppe that is installed for {minor}.")
    return lock


def environment(lock: Lock, steps: Iterable[StepRun], here: Opened, tell: Tell) -> str:
    """Return an interpreter with the packages of a lock: this one, where they are here.

    What differs is installed beside what is here, once for each lock; Steppe itself is the one that is here.

    Args:
        lock: the run's.
        steps: what is to run in it.
        here: the project.
        tell: told what takes a while, and what can't be as it was, in words.

    Raises:
        UsageError: a package that the steps need can't be had.
    """
    needed, edited = _needed(steps)
    for said in edited:
        tell(said)
    wanted = {name: version for name, version in lock.packages.items() if name not in OURS}
    found = misfits(Packages(versions=wanted))
    if not found:
        return sys.executable
    every = sorted(f"{name}=={wanted[name]}" for name in found)
    folder = str(make_state(here.project) / "environments")
    try:
        return _made(every, folder, tell)
    except UvFailed as error:
        some = sorted(line for line in every if line.partition("==")[0] in needed)
        if error.out_of_reach or some == every:
            raise _refusal(every if error.out_of_reach else some, error) from error
        left = [line for line in every if line not in some]
        tell(f"not as they were: {', '.join(left)}, some of which can't be had; no step here declares to need them")
    try:
        return _made(some, folder, tell) if some else sys.executable
    except UvFailed as error:
        raise _refusal(some, error) from error


def _needed(steps: Iterable[StepRun]) -> tuple[set[str], list[str]]:
    """Return the packages that steps need, with what these require; and what is said of those edited in place."""
    needed: set[str] = set()
    edited: dict[str, None] = {}
    for step in steps:
        for item in step.ingredients:
            if item.kind == "package":
                needed.add(item.name)
                if item.version.endswith(EDITABLE):
                    said = f"{item.name} was installed in editable mode: its files are taken as they are now"
                    edited[said] = None
    return needed, list(edited)


def _made(lines: list[str], folder: str, tell: Tell) -> str:
    place = os.path.join(folder, name_of(lines))
    if not os.path.exists(place):
        tell(f"an environment with {', '.join(lines[:3])}{f' and {len(lines) - 3} more' if len(lines) > 3 else ''}")
        os.makedirs(folder, exist_ok=True)
        with alone(f"{place}.lock"):
            if not os.path.exists(place):
                make(uv(), place, lines)
    return os.path.join(place, "bin", "python")


def uv() -> str:
    """Return where uv is.

    Raises:
        UsageError: it is not installed.
    """
    found = shutil.which("uv") or shutil.which("uv", path=os.path.dirname(sys.executable))
    if found is None:
        raise UsageError("this needs uv: `pip install uv`.")
    return found


def _refusal(lines: list[str], error: UvFailed) -> UsageError:
    if error.out_of_reach:
        said = f"uv reaches no package index, from which {', '.join(lines[:3])} would come"
        return UsageError(f"{said}: {error.told[:LONGEST]}")
    named = [line for line in lines if line.partition("==")[0] in error.told] or lines
    return UsageError(
        f"{', '.join(named[:3])} can't be had again, which the run had: what was built or edited on a machine is in no "
        f"index. uv says: {error.told[:LONGEST]}"
    )


def build(lock: Lock, folder: Path, tell: Tell) -> list[str]:
    """Make an environment with all packages of a lock, and nothing else but Steppe, which is the one that is here.

    Args:
        lock: the run's.
        folder: where it goes; nothing may be there.
        tell: told what it does.

    Returns:
        The packages that could not be had, as `name==version`: those that no index has.

    Raises:
        UsageError: something is there already, or uv reaches no index.
    """
    if folder.exists():
        raise UsageError(f"{folder} is there already: give another folder with -o.")
    lines = [f"{name}=={version}" for name, version in lock.packages.items() if name not in OURS]
    environ = {**os.environ}
    python = str(folder / "bin" / "python")
    tell(f"an environment with {len(lines)} packages in {folder}")
    try:
        run([uv(), "venv", "--quiet", "--no-project", "--python", sys.executable, str(folder)], environ)
        left = _install(lines, python, environ)
    except (UvFailed, OSError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        said = error.told[:LONGEST] if isinstance(error, UvFailed) else str(error)
        raise UsageError(f"the environment can't be made: {said}") from error
    _add_steppe(folder)
    return left


def _install(lines: list[str], python: str, environ: dict[str, str]) -> list[str]:
    """Install what can be had: all at once, and where that fails without those that uv names."""
    left: list[str] = []
    while lines:
        try:
            run([uv(), "pip", "install", "--quiet", "--no-deps", "--python", python, *lines], environ)
            break
        except UvFailed as error:
            said = error.told
            bad = [line for line in lines if line in said or f"{line.partition('==')[0]} was not found" in said]
            if error.out_of_reach or not bad:
                raise
            left += bad
            lines = [line for line in lines if line not in bad]
    return left


def _add_steppe(folder: Path) -> None:
    """Let an environment have the very Steppe that is here: its packages, wherever they lie, and what is told of it."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    sites = folder / "lib" / version / "site-packages"
    for name in OURS:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin is not None:
            (sites / name).symlink_to(Path(spec.origin).resolve().parent)
    told = importlib.metadata.distribution("steppe").locate_file("")
    for each in Path(str(told)).glob("steppe-*.dist-info"):
        shutil.copytree(each, sites / each.name, dirs_exist_ok=True)


def changed(steps: Iterable[StepRun]) -> list[str]:
    """Say which packages are here in another version than when steps ran."""
    then = {item.name: item.version for step in steps for item in step.ingredients if item.kind == "package"}
    found = []
    for name, version in sorted(then.items()):
        try:
            now = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            now = ""
        if version[:1].isdigit() and now != version.removesuffix(EDITABLE):
            found.append(f"{name} was {version}, and {f'is {now}' if now else 'is not installed'} here")
    return found
