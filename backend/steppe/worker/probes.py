"""Probes that no audit event tells of: `os.stat` and its kin, and reads of environment variables."""

from __future__ import annotations

import glob
import os
import pathlib
import sys
from collections.abc import Callable
from typing import Any

from steppe.worker.askers import asked_by_user, asker_of_path, is_users
from steppe.worker.here import here
from steppe.worker.trace import METADATA, Trace, is_unseen, unseen

PROBED = ("stat", "lstat", "access", "readlink")

AMBIENT_VARIABLES = frozenset(
    {"HOME", "USER", "LOGNAME", "PATH", "TERM", "TMPDIR", "TEMP", "TMP", "PWD", "SHELL", "COLUMNS", "LINES", "DISPLAY"}
)
"""Variables that differ between people and machines, and that libraries read for reasons of their own. Only a read by
the project's own code counts."""

AMBIENT_PREFIXES = (
    "XDG_",
    "LC_",
    "LANG",
    "JPY_",
    "JUPYTER",
    "IPYTHON",
    "VSCODE",
    "MPL",
    "STEPPE_",
    "SSL_",
    "CONDA_",
    "KERNEL_",
)

GIVEN: set[str] = set()
"""Variables that an executor has set for this worker alone: where a step happens to run is no input of it."""

PRESENCE = frozenset(
    {"exists", "lexists", "isfile", "isdir", "islink", "ismount", "is_file", "is_dir", "is_symlink"}
) | {
    "_path_stat",
    "_path_isfile",
    "_path_isdir",
    "samefile",
    "_is_dir",
    "select",
    "access",
    "_joinrealpath",
    "realpath",
    "resolve",
    "mkdir",
    "makedirs",
    "copyfile",
    "copy",
    "move",
    "which",
    "select_exists",  # of a path's globbing
}
"""Functions that ask for a path's status only to know whether something is there, and of what kind."""

ASKED = frozenset({"exists", "lexists", "isfile", "isdir", "is_file", "is_dir", "access"})
"""Those of them by which code decides what to do."""

SECRET_WORDS = ("SECRET", "TOKEN", "PASSWORD", "PASSWD", "CREDENTIAL", "API_KEY", "APIKEY", "PRIVATE_KEY", "ACCESS_KEY")

LINKS = frozenset({"_joinrealpath", "realpath", "resolve", "islink", "is_symlink", "readlink"})
"""Functions that ask whether a path is a link, and where to."""

INFO = os.path.join("pathlib", "_os.py")
"""Where `Path.info` is made."""

TIMES = frozenset({"getmtime", "getatime", "getctime", "stat", "lstat"})
"""Functions that tell a file's times and its mode."""


def _kind_of(asker: Any) -> str:
    """Return what is asked of a path.

    `presence`, `asked` where the user's own code asks whether a file is there, `link`, `status`, `times` where the user
    asks for that, or `distributions` that are in a folder.
    """
    name = asker.f_code.co_name
    if name == "_stat" and asker.f_code.co_filename.endswith(INFO):
        asker = asker.f_back  # one function asks for all that a path's `info` tells, from Python 3.14 on
        name = asker.f_code.co_name
    if name in ("stat", "lstat") and "pathlib" in asker.f_code.co_filename and asker.f_back.f_code.co_name in PRESENCE:
        name = asker.f_back.f_code.co_name  # `Path.exists` asks `Path.stat`
    if name == "mtime" and asker.f_code.co_filename.endswith(METADATA):
        return "distributions"  # it lists the folder only where that has changed since it looked last
    if name in LINKS:
        return "link"
    if name in PRESENCE:
        caller = asker_of_path(asker) if name in ASKED else None
        return "asked" if caller is not None and is_users(caller) else "presence"
    return "times" if is_users(asker) or (name in TIMES and asked_by_user(asker)) else "status"


HANDING_ON = os.path.join("loky", "backend", "fork_exec.py")
"""Where all variables are read to give them to a new process, which tells itself which it reads."""

_MAPPING = ("/os.py", "/_collections_abc.py", "<frozen os>", "<frozen _collections_abc>")


def is_secret(name: str) -> bool:
    """Tell whether a variable's name looks like that of a secret: traces hold a keyed digest of it, logs nothing."""
    upper = name.upper()
    return any(word in upper for word in SECRET_WORDS) or upper.endswith(("_KEY", "_PAT", "_PWD"))


def watch_stat(trace: Trace) -> Callable[[], None]:
    """Note the paths that `os.stat`, `os.access` and the like are asked about."""
    originals = {name: getattr(os, name) for name in PROBED}
    asked: set[tuple[str, str, str, int, Any]] = set()

    def wrapped(original: Any) -> Any:
        def probe(path: Any, *args: Any, **options: Any) -> Any:
            if not isinstance(path, int) and options.get("dir_fd") is None and not is_unseen():
                asker = sys._getframe(1)  # noqa: SLF001  # `exists` and `getsize` both ask `os.stat`
                kind = _kind_of(asker)
                note(path, kind, asker_of_path(asker) if kind == "asked" else None)
            return original(path, *args, **options)

        probe.__name__, probe.__doc__, probe.__wrapped__ = original.__name__, original.__doc__, original  # type: ignore[attr-defined]
        return probe

    def note(path: Any, kind: str, by: Any = None) -> None:
        """Note a path, once: some loops ask for the same few a hundred thousand times."""
        at = None if by is None else (by.f_code.co_filename, by.f_lineno)
        if type(path) is str:
            now = 0 if trace.share is None else trace.share.log.now
            mark = kind, path, "" if path.startswith("/") else here(), now, at
            if mark in asked:
                return
            asked.add(mark)
        with unseen():
            if not trace.hears():
                return
            if kind == "distributions":
                trace.seeks_distributions(path)
            elif kind in ("asked", "times"):
                trace.misses(path, "presence" if kind == "asked" else kind, at)
            else:
                trace.probes(path, kind)

    probes = {name: wrapped(original) for name, original in originals.items()}
    put: list[tuple[Any, str, Any]] = [(os, name, probe) for name, probe in probes.items()]
    globber: Any = getattr(glob, "_StringGlobber", None)
    for name, original in originals.items():  # Python 3.13 keeps one for itself, to glob paths with
        if getattr(globber, name, None) is original:
            put.append((globber, name, staticmethod(probes[name])))
    info: Any = vars(pathlib.Path).get("info")
    if isinstance(info, property):  # from Python 3.14 on: it keeps what it was told once, maybe before the step

        def ask(path: Any) -> Any:
            if not is_unseen():
                note(os.fspath(path), "presence")
                note(os.fspath(path), "link")
            return info.__get__(path)

        put.append((pathlib.Path, "info", property(ask, doc=info.__doc__)))
    had = [(owner, name, vars(owner)[name]) for owner, name, _ in put]
    for owner, name, ours in put:
        setattr(owner, name, ours)

    def undo() -> None:
        for owner, name, original in had:
            setattr(owner, name, original)

    return undo


def watch_environ(trace: Trace) -> Callable[[], None]:
    """Note the variables of the environment that are read, and what they were."""
    kind: Any = type(os.environ)
    original = kind.__getitem__
    iterate = kind.__iter__

    def note(environ: Any, key: str) -> None:
        if is_unseen() and trace.share is not None:
            return
        with unseen():
            heard = trace.hears()
        if heard and key not in trace.variables and _counts(key):
            raw = environ._data.get(environ.encodekey(key))  # noqa: SLF001  # where `os.environ` keeps them
            trace.variables[key] = None if raw is None else environ.decodevalue(raw)

    def read(self: Any, key: Any) -> Any:
        if self is os.environ and isinstance(key, str) and (trace.share is not None or key not in trace.variables):
            note(self, key)
        return original(self, key)

    kind.__getitem__ = read

    def undo() -> None:
        kind.__getitem__ = original
        kind.__iter__ = iterate

    return undo


def _counts(name: str) -> bool:
    """Tell whether a read of a variable matters.

    What people's machines differ in counts only where the user's own code asks, be it through the standard library
    (`os.path.expanduser`); and what libraries look up while they are imported does not count: their versions are in the
    key.
    """
    if name in GIVEN:
        return False
    frame: Any = sys._getframe(3)  # noqa: SLF001  # who asks is the question
    while frame is not None and frame.f_code.co_filename.endswith(_MAPPING):
        frame = frame.f_back
    if frame is None or frame.f_code.co_filename.endswith(HANDING_ON):
        return False
    if is_users(frame):
        return True
    if name in AMBIENT_VARIABLES or name.startswith(AMBIENT_PREFIXES):
        return name not in TEMPORARY and asked_by_user(frame)
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return False
        frame = frame.f_back
    return True


TEMPORARY = frozenset({"TMPDIR", "TEMP", "TMP"})
"""Variables that say where temporary files lie, which is no matter of what is computed."""


PROBES = (watch_stat, watch_environ)
