"""Which paths matter: the project's, and those of data elsewhere; not the interpreter's, the libraries' and caches."""

from __future__ import annotations

import os
import site
import stat
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from steppe.worker.below import BELOW

PSEUDO = ("/proc", "/sys", "/dev", "/run/lock", "/run/systemd", "/run/udev", "/var/run/utmp")
"""Where what looks like files is the machine's state, made as it is read."""

MEMORY = "/dev/shm"  # noqa: S108  # nothing is written there
"""A disk in memory: what is there are files like others."""

SHARED_PREFIXES = frozenset({"/", "/usr", "/usr/local", "/opt", str(Path.home()), str(Path.home() / ".local")})
"""Prefixes that an interpreter may be installed under beside much else; elsewhere a prefix is its own alone."""

OF_PYTHON = tuple(
    os.path.join("lib", name) for name in (f"python{sys.version_info[0]}.{sys.version_info[1]}", "python3")
)
"""What an interpreter and its packages are called in a prefix that is shared."""

HOME_OWN = (
    *(os.path.join(".config", name) for name in ("matplotlib", "ipython", "jupyter", "fontconfig")),
    *(os.path.join(".cache", name) for name in ("matplotlib", "fontconfig", "pip", "uv", "jedi", "parso")),
    ".ipython",
    ".jupyter",
    os.path.join(".local", "share", "jupyter"),
    os.path.join(".local", "lib"),
    ".matplotlib",
    ".pyenv",
)
"""What tools keep for themselves in a home: it differs between people, and is there or not by chance."""

PASSING = (
    "joblib_memmapping_folder_",
    "loky-",
    "pymp-",
    "torch_",
    "torchinductor_",
    "matplotlib-",
    "numba",
    "sem.",
    "psm_",
)
"""How names begin that libraries give what they keep in a temporary folder while they run."""

CLUSTERS = os.path.realpath("/tmp") + "/steppe-ray-"  # noqa: S108  # where raised clusters are: see `companions.py`
"""How the folder begins in which Ray keeps what belongs to a step's own cluster."""

_STAT, _LSTAT = os.stat, os.lstat
"""The system's own: while a step is traced, those of `os` take note of who asks."""

_SCANDIR = os.scandir

_FOLDERS: dict[str, tuple[tuple[int, int], str]] = {}


def real_path(path: str) -> str:
    """Return what `os.path.realpath` does, faster where many paths are in few folders.

    It goes along all of a path's folders, for each file again. Here a folder is looked at once, and what was found
    holds while the folder of that name is the same one.
    """
    folder, name = os.path.split(path)
    if not os.path.isabs(folder) or name in ("", ".", ".."):
        return os.path.realpath(path)
    try:
        found = os.path.join(_real_folder(folder), name)
    except OSError:
        return os.path.realpath(path)
    try:
        return os.path.realpath(found) if stat.S_ISLNK(_LSTAT(found).st_mode) else found
    except OSError:  # nothing is there, so it is no link
        return found


def _real_folder(folder: str) -> str:
    there = _STAT(folder)
    known = _FOLDERS.get(folder)
    if known is None or known[0] != (there.st_dev, there.st_ino):
        known = _FOLDERS[folder] = (there.st_dev, there.st_ino), real_path(folder)
    return known[1]


def real_paths(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pair paths with what `real_path` makes of them, faster where many are in few folders.

    Each folder is listed once, which says of all files in it whether they are links.
    """
    folders: dict[str, tuple[str, set[str]] | None] = {}
    for path in paths:
        folder, name = os.path.split(path)
        if folder not in folders:
            folders[folder] = _links(folder)
        known = folders[folder]
        if known is None or name in ("", ".", "..") or name in known[1]:
            yield path, real_path(path)
        else:
            yield path, os.path.join(known[0], name)


def _links(folder: str) -> tuple[str, set[str]] | None:
    """Return where a folder really is, and which links are in it; None where it can't be listed."""
    if not os.path.isabs(folder):
        return None
    try:
        with _SCANDIR(folder) as entries:
            return _real_folder(folder), {entry.name for entry in entries if entry.is_symlink()}
    except OSError:
        return None


@cache
def _left_out(home: str, compiled: str | None, *prefixes: str) -> tuple[str, ...]:
    """Return the folders of the interpreter, of installed packages, and of tools' own files in the home.

    Args:
        home: the user's.
        compiled: where the interpreter keeps what it has compiled, if not beside the source.
        prefixes: where the interpreter is installed.
    """
    found = {os.path.dirname(os.__file__), *site.getsitepackages(), *BELOW.sites}
    found |= {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    for prefix in {os.path.abspath(path) for path in prefixes}:
        shared = prefix in SHARED_PREFIXES
        found |= {os.path.join(prefix, name) for name in OF_PYTHON} if shared else {prefix}
    if compiled:
        found.add(os.path.abspath(compiled))
    found |= {os.path.join(home, name) for name in HOME_OWN}
    return tuple(sorted({os.path.join(os.path.realpath(path), "") for path in found}))


class Places:
    """The project on this machine, and what lies around it.

    Attributes:
        root: the project's root, absolute and with links resolved.
    """

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(root)
        self._inside = self.root + os.sep
        prefixes = (sys.prefix, sys.base_prefix, sys.exec_prefix, *filter(None, (BELOW.prefix,)))
        self._left_out = _left_out(str(Path.home()), sys.pycache_prefix, *prefixes)
        self._pseudo = tuple(path + os.sep for path in PSEUDO)
        self._caches = os.path.join(os.path.realpath(Path.home()), ".cache", "")
        places = (os.path.realpath(tempfile.gettempdir()), MEMORY, self._caches)
        self._temporary = tuple(os.path.join(place, "") for place in places)
        told = (os.environ.get(f"STEPPE_{name}", "") for name in ("STORE", "CATALOG"))  # of another project, perhaps
        elsewhere = (os.path.realpath(path) for path in told if os.path.isabs(path))
        self._own = (*(os.path.join(self.root, name, "") for name in (".steppe", ".git")), *elsewhere)
        self._known: dict[str, bool] = {}

    def matters(self, path: str) -> bool:
        """Tell whether what is at an absolute path can be an input."""
        found = self._known.get(path)
        if found is None:
            found = self._known[path] = self._judge(path)
        return found

    def _judge(self, path: str) -> bool:
        real = real_path(path)
        within = real + os.sep
        if within.startswith((*self._own, *self._left_out)) or real.startswith(CLUSTERS):
            return False
        if within.startswith(self._inside):
            return True
        return within.startswith(os.path.join(MEMORY, "")) or not within.startswith(self._pseudo)

    def inside(self, path: str) -> bool:
        """Tell whether a path is inside the project (not in its `.steppe`, `.git`, or an environment in it)."""
        return real_path(path).startswith(self._inside) and self.matters(path)

    def above(self, path: str) -> bool:
        """Tell whether a folder holds the project or the user's home: that it is there says nothing."""
        within = os.path.join(real_path(path), "")
        return self._inside.startswith(within) or str(Path.home()).startswith(within.rstrip(os.sep))

    def temporary(self, path: str) -> bool:
        """Tell whether a path is in a folder for temporary files or caches, and not in the project."""
        real = real_path(path)
        return real.startswith(self._temporary) and not real.startswith(self._inside)

    def passing(self, path: str) -> bool:
        """Tell whether what is written to a temporary place is a library's own affair, which no step relies on."""
        real = real_path(path)
        if not real.startswith(self._temporary) or real.startswith(self._caches):
            return True
        below = next(real[len(place) :] for place in self._temporary if real.startswith(place))
        return below.startswith(PASSING)

    def name(self, path: str) -> str:
        """Return how a path is called in traces: relative to the project where it is inside, else absolute."""
        absolute = os.path.abspath(path)
        for root in (self.root, os.path.abspath(self.root)):
            if absolute == root:
                return "."
            if absolute.startswith(root + os.sep):
                return os.path.relpath(absolute, root)
        real = real_path(path)
        return os.path.relpath(real, self.root) if real.startswith(self._inside) else absolute

    def path(self, name: str) -> str:
        """Return the absolute path of a trace's name on this machine."""
        return name if os.path.isabs(name) else os.path.normpath(os.path.join(self.root, name))
