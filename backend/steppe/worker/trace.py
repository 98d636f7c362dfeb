"""What a step is seen to read and to touch outside itself: files, folders, variables, sockets, processes.

Three nets (DESIGN, Files): the interpreter's audit events and patched probes of `os`, here; adapters for libraries that
open files in native code, in `native.py`; and path-like values within the step's reach, which the engine names.
One audit hook is installed for the life of the process, since Python has no way to remove one; it costs a comparison
while nothing is traced.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from steppe.types import Observation
from steppe.worker import companions, contents, native

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
"""Flags of `os.open` that say that a file may be changed."""


RANKS = {"": 0, "presence": 1, "link": 1, "status": 2, "times": 3, "missed": 4, "first": 5}
"""What may be asked of a path, by how much the answer tells; `missed`: the step goes by that nothing is there; `first`:
where something is, it would find it there."""


OURS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")
"""Where our own modules are: what they do to a step is versioned by the form of keys."""


class Trace:
    """What one step was seen to do.

    Attributes:
        read: files opened for reading, with their status at that moment.
        sources: files that were read as the code of modules, likewise.
        before: content versions that files had before they were written.
        marked: paths of which only the times or the mode were set.
        existed: what was at a path that was written before: `absent`, `file`, `folder`, `link` or `other`.
        below: folders that native code may write into, and the versions of the files that were below them.
        written: paths opened for writing, made, moved to, or removed.
        probed: paths that were asked about: how (see `RANKS`), and the answer.
        asked: where in the user's code it was asked whether something is at a path.
        links: paths of which it was asked where they lead, and the answer.
        listings: folders whose names (`listing`) or whole content (`tree`) was asked for, patterns whose matches
            (`glob`) were, and the answer.
        unfilled: folders that the step has made, and the names that were in them each time that it asked.
        suspects: files that native code may change, and their versions before (`absent` where there was none).
        variables: variables of the environment that were read, and what they were (None: not set).
        outside: why the result may depend on more than can be known: sockets, processes.
        before_writing: called with each path that is about to be written for the first time, or may be by native code.
        earlier: what an earlier try of the step had read until the checkpoint from which this one goes on.
        spoilt: why that one could not have been cached, in words.
        share: how it takes part in a log with children, or with the parent, of this process.
        forked: whether a child was forked, which has the state of this process.
    """

    def __init__(self) -> None:
        self.read: dict[str, contents.Status | None] = {}
        self.sources: dict[str, contents.Status | None] = {}
        self.before: dict[str, str] = {}
        self.marked: dict[str, None] = {}
        self.existed: dict[str, str] = {}
        self.below: dict[str, dict[str, str]] = {}
        self.written: dict[str, None] = {}
        self.probed: dict[str, tuple[str, str]] = {}
        self.asked: dict[str, frozenset[tuple[str, int]]] = {}
        self.links: dict[str, str] = {}
        self.unfilled: dict[str, frozenset[str]] = {}
        self.listings: dict[tuple[str, str], str] = {}
        self.suspects: dict[str, str] = {}
        self.variables: dict[str, str | None] = {}
        self.outside: list[str] = []
        self.before_writing: Callable[[str], None] | None = None
        self.earlier: list[Observation] = []
        self.spoilt: list[str] = []
        self.share: Any = None
        self.forked = False

    def hears(self) -> bool:
        """Take in what other processes of the step have told; tell whether what is done now is of interest."""
        return self.share is None or self.share.hears()

    def reads(self, path: Any) -> None:
        """Note that a file is read."""
        found = known_path(path)
        if found is not None and found not in self.written and found not in self.read:
            now = contents.status(found)
            if now is None:
                self.misses(found)
            else:
                self.read[found] = now

    def imports(self, path: Any) -> None:
        """Note that a module's code is read."""
        found = known_path(path)
        if found is not None and found not in self.written and not found.startswith(OURS):
            self.sources.setdefault(found, contents.status(found))

    def writes(self, path: Any) -> None:
        """Note that a path is about to be written, made or removed."""
        found = known_path(path)
        if found is None or found in self.written:
            return
        if self.before_writing is not None:
            self.before_writing(found)
        there = contents.presence(found)
        self.existed[found] = "link" if os.path.islink(found) else there
        if there == "file":
            self.before[found] = contents.file_version(found)
        self.written[found] = None

    def moves(self, path: Any) -> Iterator[str]:
        """Note that a folder is moved or removed with all that is in it, and give what that is, from the root down."""
        found = known_path(path)
        self.writes(path)
        if found is None or self.existed.get(found) != "folder":
            return
        self.lists(path)
        for folder, folders, names in os.walk(found):
            for name in (*folders, *names):
                below = os.path.join(folder, name)
                if name in folders:
                    self.lists(below)
                else:
                    self.reads(below)
                self.writes(below)
                yield os.path.relpath(below, found)

    def changes_mode(self, path: Any) -> None:
        """Note that the mode or the times of something are set."""
        found = known_path(path)
        if found is not None and found not in self.written:
            self.marked.setdefault(found, None)

    def suspects_writing(self, path: Any) -> None:
        """Note that native code may change a file, unseen; whether it did shows at the end."""
        found = known_path(path)
        if found is not None and found not in self.suspects and found not in self.written:
            if self.before_writing is not None:
                self.before_writing(found)
            there = contents.presence(found)
            self.suspects[found] = contents.file_version(found) if there == "file" else there

    def writes_into(self, path: Any) -> None:
        """Note that native code is about to write a file, or files into a folder, under names of its own choice."""
        found = known_path(path)
        self.writes(path)
        if found is not None and os.path.isdir(found) and found not in self.below:
            self.below[found] = {file: contents.file_version(file) for file in contents.files_below(found)}

    def probes(self, path: Any, kind: str = "presence") -> None:
        """Note that a path was asked about."""
        found = known_path(path)
        if found is None or found in self.written:
            return
        if kind == "link":
            self.links.setdefault(found, contents.link_version(found))
        if RANKS[self.probed.get(found, ("",))[0]] >= RANKS[kind]:
            return
        times = kind in ("status", "times")
        self.probed[found] = kind, contents.times_version(found) if times else contents.presence(found)

    def misses(self, path: Any, kind: str = "presence", at: tuple[str, int] | None = None) -> None:
        """Note that a file was wanted: where none was, the one that the step then makes is not as good as none."""
        found = known_path(path)
        if found is not None and found not in self.written:
            self.probes(found, kind)
            if self.probed.get(found, ("", ""))[1] == "absent":
                self.probed[found] = max("missed", self.probed[found][0], key=RANKS.__getitem__), "absent"
            if at is not None:
                self.asked[found] = self.asked.get(found, frozenset()) | {at}

    def lists(self, path: Any) -> None:
        """Note that a folder's names were asked for."""
        found = known_path("." if path is None else path)
        if found in self.written:
            self._lists_own(found)
        elif found is not None and ("listing", found) not in self.listings:
            try:
                self.listings["listing", found] = contents.listing_version(found, frozenset(self.written))
            except OSError:
                self.probes(found)

    def _lists_own(self, folder: str) -> None:
        """Note what a folder that was not there holds: if the step puts more into it, it finds that the next time."""
        if self.existed.get(folder) == "absent" and os.path.isdir(folder):
            names = frozenset(os.listdir(folder))
            self.unfilled[folder] = self.unfilled.get(folder, names) & names

    def trees(self, path: Any) -> None:
        """Note that a folder is read with all that is below it."""
        found = known_path(path)
        if found is not None and ("tree", found) not in self.listings:
            self.lists(found)  # said first: that a name is new tells more than that a file has changed
            self.listings["tree", found] = contents.tree_version(found)

    def globs(self, pattern: str) -> None:
        """Note that the files that match an absolute pattern may be read, whichever they are."""
        if ("glob", pattern) not in self.listings:
            self.listings["glob", pattern] = contents.glob_version(pattern, frozenset(self.written))

    def seeks_distributions(self, path: Any) -> None:
        """Note that a folder of `sys.path` is searched for distributions: the notebook's own may be one."""
        folder = known_path(path or ".")
        for ending in ("dist-info", "egg-info"):
            if folder is not None:
                self.globs(os.path.join(folder, f"*.{ending}"))

    def leaves(self, reason: str) -> None:
        """Note that the step reached outside of what can be known."""
        if reason not in self.outside:
            self.outside.append(reason)
            if self.share is not None:
                self.share.tell("outside", reason, None)


def known_path(path: Any) -> str | None:
    """Return an absolute path for what a call was given, or None where it names no file."""
    if isinstance(path, int) or path is None:
        return None
    text = os.fsdecode(path)
    return native.absolute(text) if text else None


_active: Trace | None = None
_quiet = threading.local()


class Sharing:
    """Who is told that a trace begins, and ends: the children of this process, where it has any."""

    began: Callable[[Trace], None] | None = None
    ended: Callable[[Trace, Trace | None], None] | None = None


sharing = Sharing()


def _opened(trace: Trace, args: tuple[Any, ...]) -> None:
    path, mode, flags = args
    if isinstance(path, int):
        return
    anew = bool(flags & os.O_TRUNC) or (isinstance(mode, str) and ("w" in mode or "x" in mode))
    writes = any(letter in mode for letter in "wax+") if isinstance(mode, str) else bool(flags & WRITING)
    if not writes and isinstance(path, str) and path.endswith((".py", ".pyc")) and _is_import():
        trace.imports(_source_of(path))
        return
    if not anew and not (writes and _is_touch()):  # what is added to, or changed in it, is what was there
        trace.reads(_source_of(path))
    if writes:
        trace.writes(path)


def _is_touch() -> bool:
    """Tell whether a file is opened only so that it is there."""
    return sys._getframe(3).f_code.co_name == "touch"  # noqa: SLF001  # who opens it is the question


def _is_import() -> bool:
    """Tell whether the import system opens a file, to run it as a module."""
    frame: Any = sys._getframe(3)  # noqa: SLF001  # who opens it is the question
    for name in ("get_data", "get_code"):
        if (
            frame is None
            or frame.f_code.co_name != name
            or not frame.f_code.co_filename.startswith("<frozen importlib")
        ):
            return False
        frame = frame.f_back
    return True


def _source_of(path: Any) -> Any:
    """Return the source of a compiled module: that is what a reader of the cache depends on."""
    if isinstance(path, str) and path.endswith(".pyc") and "__pycache__" in path:
        try:
            return importlib.util.source_from_cache(path)
        except ValueError:
            return path
    return path


def _at(path: Any, folder: int) -> Any:
    """Return a path that was given relative to an open folder, where it was."""
    if folder < 0 or isinstance(path, int) or os.path.isabs(path):
        return path
    return os.path.join(os.readlink(f"/proc/self/fd/{folder}"), os.fsdecode(path))


def _moved(trace: Trace, args: tuple[Any, ...]) -> None:
    source, target = _at(args[0], args[2]), _at(args[1], args[3])
    if os.path.isfile(source):
        trace.reads(source)
    below = list(trace.moves(source))
    trace.writes(target)
    for name in below:
        trace.writes(os.path.join(known_path(target) or "", name))


def _moving(trace: Trace, args: tuple[Any, ...]) -> None:
    if os.path.isdir(args[0]):  # a folder moves into one that is there
        trace.misses(args[1])


def _removed_tree(trace: Trace, args: tuple[Any, ...]) -> None:
    for _ in trace.moves(_at(args[0], args[1] if len(args) > 1 and args[1] is not None else -1)):
        pass


def _marked(trace: Trace, args: tuple[Any, ...]) -> None:
    trace.changes_mode(_at(args[0], args[-1]))


def _dated(trace: Trace, args: tuple[Any, ...]) -> None:
    path = _at(args[0], args[-1])
    if not isinstance(path, int) and not os.path.isdir(path):
        trace.changes_mode(path)


def _connected(trace: Trace, args: tuple[Any, ...]) -> None:
    address = args[1] if len(args) > 1 else args[0]
    if isinstance(address, str | bytes):
        return
    trace.leaves(f"it connects to {address[0]}:{address[1]}" if isinstance(address, tuple) else "it opens a connection")


def _bound(trace: Trace, args: tuple[Any, ...]) -> None:
    address = args[1] if len(args) > 1 else ""
    if sys._getframe(2).f_code.co_filename.endswith(ASKS_FOR_IPV6):  # noqa: SLF001  # who asks is the question
        return
    if not (isinstance(address, str) and os.path.basename(address).startswith("listener-")):  # of multiprocessing
        trace.leaves("it listens on a socket")


ASKS_FOR_IPV6 = os.path.join("urllib3", "util", "connection.py")
"""It binds a socket when it is imported, to see whether that can be done, and nobody is ever answered there."""


def _started(trace: Trace, args: tuple[Any, ...]) -> None:
    command = args[0] if args else ""
    name = command if isinstance(command, str) else os.fsdecode(command) if isinstance(command, bytes) else str(command)
    trace.leaves(f"it starts a process ({os.path.basename(name) or 'a shell command'})")


def _linked(trace: Trace, args: tuple[Any, ...]) -> None:
    trace.reads(_at(args[0], args[2]))
    trace.writes(_at(args[1], args[3]))


def _listed(trace: Trace, args: tuple[Any, ...]) -> None:
    """Note that a folder's names were asked for, by its path or, as `os.fwalk` does, by its descriptor."""
    path = args[0]
    with contextlib.suppress(OSError):  # where there is no /proc
        path = os.readlink(f"/proc/self/fd/{path}") if isinstance(path, int) else path
    trace.lists(path)


def _sought(trace: Trace, args: tuple[Any, ...]) -> None:
    trace.seeks_distributions(args[0])


EVENTS: dict[str, Callable[[Trace, tuple[Any, ...]], None]] = {
    "open": _opened,
    "os.listdir": _listed,
    "os.scandir": _listed,
    "os.remove": lambda trace, args: trace.writes(_at(args[0], args[1])),
    "os.rename": _moved,
    "os.rmdir": lambda trace, args: trace.writes(_at(args[0], args[1])),
    "os.mkdir": lambda trace, args: trace.writes(_at(args[0], args[2])),
    "os.chmod": _marked,
    "os.chown": _marked,
    "os.utime": _dated,
    "shutil.rmtree": _removed_tree,
    "shutil.move": _moving,
    "os.truncate": lambda trace, args: trace.writes(args[0]),
    "os.link": _linked,
    "os.symlink": lambda trace, args: trace.writes(_at(args[1], args[2])),
    "sqlite3.connect": lambda trace, args: native.sqlite(trace, args[0]),
    "socket.connect": _connected,
    "socket.bind": _bound,
    "socket.sendto": _connected,
    "subprocess.Popen": _started,
    "os.system": _started,
    "os.exec": _started,
    "os.posix_spawn": _started,
    "os.spawn": _started,
    "os.forkpty": lambda trace, _: trace.leaves("it starts a process (a shell command)"),
}


def _hook(event: str, args: tuple[Any, ...]) -> None:
    trace = _active
    if trace is None:
        return
    note = EVENTS.get(event)
    if note is None or getattr(_quiet, "on", False):
        return
    if event in LISTINGS:
        caller = sys._getframe(1).f_code.co_filename  # noqa: SLF001  # who asks is the question
        if caller.startswith("<frozen importlib"):
            return  # the import system's own search for modules
        if caller.endswith(METADATA):
            note = _sought
    elif companions.FOLDERS and event in OUTWARD and companions.asks(sys._getframe(1)):  # noqa: SLF001  # likewise
        return
    _quiet.on = True
    try:
        if trace.share is None or trace.share.hears():
            note(trace, args)
    except Exception:  # whatever a path object raises, the open itself must not fail because of us
        trace.leaves(f"a call that was not understood ({event})")
    finally:
        _quiet.on = False


METADATA = os.path.join("importlib", "metadata", "__init__.py")
LISTINGS = ("os.listdir", "os.scandir")
OUTWARD = frozenset(event for event, note in EVENTS.items() if note in (_connected, _bound, _started))

_installed = False


def note_outside(reason: str) -> None:
    """Note that what is being traced reaches outside of what can be known; where nothing is traced, nothing."""
    if _active is not None:
        _active.leaves(reason)


def note_call(note: Callable[..., None], args: tuple[Any, ...], options: dict[str, Any], name: str) -> None:
    """Note a call of a library's function in the trace that is on, where one is and the call is not Steppe's own."""
    trace = _active
    if trace is None or getattr(_quiet, "on", False):
        return
    _quiet.on = True
    try:
        if trace.share is None or trace.share.hears():
            note(trace, args, options)
    except Exception:  # whatever the arguments raise, the call itself must not fail because of us
        trace.leaves(f"a call that was not understood ({name})")
    finally:
        _quiet.on = False


def active() -> Trace | None:
    """Return the trace that is on."""
    return _active


def activate(trace: Trace | None) -> None:
    """Let a trace be on in this process for good, or none."""
    global _active  # noqa: PLW0603  # as in `tracing`
    if trace is not None:
        _install()
    _active = trace


def _install() -> None:
    global _installed  # noqa: PLW0603  # audit hooks are for the whole process
    if not _installed:
        sys.addaudithook(_hook)
        _installed = True


def is_unseen() -> bool:
    """Tell whether this thread is busy with Steppe's own affairs."""
    return getattr(_quiet, "on", False)


@contextmanager
def unseen() -> Iterator[None]:
    """Do something in this thread that is Steppe's own business and belongs in nobody's trace."""
    before = getattr(_quiet, "on", False)
    _quiet.on = True
    try:
        yield
    finally:
        _quiet.on = before


def unnoticed(work: Callable[..., object], *arguments: object) -> None:
    """Do a thread's whole work so: what it asks of a network belongs to no step that runs in this process meanwhile."""
    with unseen():
        work(*arguments)


@contextmanager
def seen() -> Iterator[None]:
    """Run a cell's code in this thread after all, in the midst of Steppe's own business."""
    before = getattr(_quiet, "on", False)
    _quiet.on = False
    try:
        yield
    finally:
        _quiet.on = before


@contextmanager
def tracing(patches: tuple[Callable[[Trace], Callable[[], None]], ...] = ()) -> Iterator[Trace]:
    """Trace what happens in this process for a while.

    Args:
        patches: functions that install a probe for the time of the trace and return how to take it out.
    """
    global _active  # noqa: PLW0603  # audit hooks are for the whole process, and so is what they look at
    _install()
    trace = Trace()
    before, _active = _active, trace
    undo: list[Callable[[], None]] = []
    try:
        if sharing.began is not None:
            sharing.began(trace)
        undo.extend(patch(trace) for patch in patches)
        yield trace
    finally:
        if trace.share is not None and sharing.ended is not None:
            sharing.ended(trace, before)
        _active = before
        for step in reversed(undo):
            step()
