"""Which session a call of a step belongs to: the kernel's, or one that this process opens with its first call."""

from __future__ import annotations

import atexit
import copy
import functools
import linecache
import os
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

from steppe.engine import current
from steppe.engine.session import Session
from steppe.functions.plain_shell import PlainShell
from steppe.functions.process_start import note_process
from steppe.functions.script import text_of
from steppe.functions.written_out import begin_from_sources
from steppe.settings import load_project
from steppe.worker.trace import active, unseen

_OPENING = threading.Lock()


class _Forked:
    """Whether this process was forked in the midst of a step, whose work it then does."""

    inside = False
    now = False


_FORKED = _Forked()


def _before_fork() -> None:
    _FORKED.now = active() is not None


def _after_fork() -> None:
    global _OPENING  # noqa: PLW0603  # another thread may have held it
    _OPENING = threading.Lock()
    _FORKED.inside = _FORKED.now


os.register_at_fork(before=_before_fork, after_in_child=_after_fork)


class FunctionSession(Session):
    """The session of a script, a server, a test: any process without a notebook."""

    kind = "functions"

    def outcome(self) -> str:
        """Say how the process has ended: Python remembers the error that has ended it."""
        return "failed" if hasattr(sys, "last_value") else "succeeded"


class View:
    """A session as some of its steps see it.

    Attributes:
        inner: the session.
    """

    def __init__(self, inner: Any, **own: Any) -> None:
        self.inner = inner
        vars(self).update(own)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def follow(self, now: Any) -> None:
        """See `Session.follow`: with the run that this view is of."""
        Session.follow(self, now)  # type: ignore[arg-type]  # it has all that a session has


def home() -> Any:
    """Return the session of this process; None where its steps belong to another process's step, and run as they are.

    Raises:
        UsageError: the project's settings are wrong.
    """
    found = current.current()
    if found is not None and (found.pid == os.getpid() or _FORKED.inside):
        return found
    if found is None and (active() is not None or _is_worker()):
        return None
    with _OPENING, unseen():
        found = current.current()
        if found is None or found.pid != os.getpid():
            found = _opened()
        return found


def _is_worker() -> bool:
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    name = str(getattr(spec, "name", ""))
    return name.startswith(("steppe.worker", "steppe.executors"))


def _opened() -> Session:
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)
    if (shell := get_ipython()) is not None:
        import_module("steppe").load_ipython_extension(shell)  # it may know what stands beside this
        found = current.current()
        assert found is not None
        for name, entry in list(linecache.cache.items()):  # the cells that ran before
            if len(entry) == 4 and entry[1] is None:
                found.sources.add(name, "".join(entry[2]))
        begin_from_sources(found)
        return found
    project = load_project(Path.cwd(), os.environ)
    main = sys.modules["__main__"]
    path = _path_of(getattr(main, "__file__", None), project.root)
    session = FunctionSession(PlainShell(vars(main)), project, notebook=path, path=path)
    files = [getattr(main, "__file__", None), *(source.file for source in session.modules.loaded.values())]
    session.randomness.look_back(text_of(file) for file in files if file)
    begin_from_sources(session)
    note_process(session)
    current.begin(session)
    atexit.register(session.close)
    return session


def _path_of(file: str | None, root: str) -> str:
    """Return the path of the script that runs, relative to the project where it lies inside it; or nothing."""
    if file is None:
        return ""
    path = os.path.abspath(file)
    return os.path.relpath(path, root) if path.startswith(os.path.join(root, "")) else path


class ShellView:
    """A shell with other variables: those that one call of a step sees."""

    def __init__(self, shell: Any, user_ns: dict[str, Any]) -> None:
        self.user_ns = user_ns
        self._shell = shell

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shell, name)


@functools.cache
def _view_of(kind: type) -> type[ShellView]:
    """Return the class of views of a shell under the shell's own name: workers look at it."""
    return type(kind.__name__, (ShellView,), {"__module__": kind.__module__})


def of_call(session: Any, namespace: dict[str, Any]) -> Any:
    """Return a session as one call sees it: with variables of its own, and nothing in the background."""
    inner = getattr(session, "origin", session)
    setting = copy.copy(inner.setting)
    kind: Any = type(setting.shell)
    setting.shell = _view_of(kind)(setting.shell, namespace)
    return View(inner, setting=setting, pending=[], origin=inner)
