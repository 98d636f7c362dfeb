"""Which paths matter: the project's, and those of data elsewhere; not the interpreter's, the libraries' and caches."""

from __future__ import annotations

import os
import stat
import sys
import sysconfig
import tempfile
from pathlib import Path

SYSTEM = (
    "/proc",
    "/sys",
    "/dev",
    "/usr",
    "/lib",
    "/lib64",
    "/bin",
    "/sbin",
    "/etc",
    "/opt",
    "/run",
    "/var/lib",
    "/snap",
)
HOME_CACHES = (
    ".cache",
    ".config",
    ".ipython",
    ".jupyter",
    ".local/share/jupyter",
    ".local/lib",
    ".matplotlib",
    ".pyenv",
)

_STAT, _LSTAT = os.stat, os.lstat
"""The system's own: while a step is traced, those of `os` take note of who asks."""

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
        there = _STAT(folder)
        known = _FOLDERS.get(folder)
        if known is None or known[0] != (there.st_dev, there.st_ino):
            known = _FOLDERS[folder] = (there.st_dev, there.st_ino), os.path.realpath(folder)
    except OSError:
        return os.path.realpath(path)
    found = os.path.join(known[1], name)
    try:
        return os.path.realpath(found) if stat.S_ISLNK(_LSTAT(found).st_mode) else found
    except OSError:  # nothing is there, so it is no link
        return found


class Places:
    """The project on this machine, and what lies around it.

    Attributes:
        root: the project's root, absolute and with links resolved.
    """

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(root)
        self._inside = self.root + os.sep
        paths = sysconfig.get_paths()
        prefixes = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
        prefixes |= {sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.dirname(os.__file__)}
        if sys.pycache_prefix:  # where the interpreter keeps what it has compiled
            prefixes.add(os.path.abspath(sys.pycache_prefix))
        home = str(Path.home())
        caches = {os.path.join(home, name) for name in HOME_CACHES}
        self._left_out = tuple(sorted({os.path.realpath(path) + os.sep for path in (*prefixes, *caches)}))
        self._system = tuple(path + os.sep for path in SYSTEM)
        self._temporary = os.path.realpath(tempfile.gettempdir()) + os.sep
        self._own = (os.path.join(self.root, ".steppe"), os.path.join(self.root, ".git"))
        self._known: dict[str, bool] = {}

    def matters(self, path: str) -> bool:
        """Tell whether what is at an absolute path can be an input."""
        found = self._known.get(path)
        if found is None:
            found = self._known[path] = self._judge(path)
        return found

    def _judge(self, path: str) -> bool:
        real = real_path(path)
        if real.startswith(self._own):
            return False
        within = real + os.sep
        if within.startswith(self._left_out):
            return False
        if within.startswith(self._inside):
            return True
        return not within.startswith(self._system)

    def inside(self, path: str) -> bool:
        """Tell whether a path is inside the project (not in its `.steppe`, `.git`, or an environment in it)."""
        return real_path(path).startswith(self._inside) and self.matters(path)

    def above(self, path: str) -> bool:
        """Tell whether a folder holds the project or the user's home: that it is there says nothing."""
        within = os.path.join(real_path(path), "")
        return self._inside.startswith(within) or str(Path.home()).startswith(within.rstrip(os.sep))

    def temporary(self, path: str) -> bool:
        """Tell whether a path is in the machine's folder for temporary files, and not in the project."""
        real = real_path(path)
        return real.startswith(self._temporary) and not real.startswith(self._inside)

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
