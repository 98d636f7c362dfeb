"""What a step's child processes read and write: theirs is the step's.

A forked child inherits the audit hook and the probes; one that `multiprocessing` or joblib starts as a new interpreter
is given them with its process object. Both note into a Trace of their own, and tell what is new in it in the log that
they share with the process whose step it is (`told.py`), which takes it into its Trace whenever it notes something
itself, and at the end. So each knows of what was written before by whom it has heard from.
Children that were there before the step take part too: what they do while nothing is traced, they do not tell.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable
from typing import Any

from blake3 import blake3

from steppe.worker import companions, contents, trace
from steppe.worker.native import ADAPTERS, watch_natives
from steppe.worker.probes import GIVEN, PROBES
from steppe.worker.told import Log, Told
from steppe.worker.trace import Trace, is_unseen, unseen

WRITTEN = "existed", "before", "below", "written"
"""What the process whose step it is tells its children."""

NOTES = (*WRITTEN, "read", "sources", "marked", "probed", "links", "listings", "suspects", "variables")


class Sharing:
    """How one Trace takes part in a log.

    Attributes:
        log: the log.
        number: of what is traced.
        silent: whether it takes no part any more, as a process of Steppe's own among the step's.
    """

    def __init__(self, noted: Trace, log: Log, *, child: bool) -> None:
        self.log = log
        self.number = log.now
        self.silent = False
        self._trace = noted
        self._child = child
        self._position = 0

    def begin(self, number: int) -> None:
        """Tell what is noted from now on."""
        self.number = number
        for name in NOTES if self._child else WRITTEN:
            setattr(self._trace, name, Told(name, self.tell, getattr(self._trace, name)))
        if not self._child:
            for name in WRITTEN:
                for key, value in getattr(self._trace, name).items():
                    self.tell(name, key, value)

    def hears(self) -> bool:
        """Take in what the others have told; tell whether what is done now is of interest."""
        if self.silent:
            return False
        now = self.log.now
        if now != self.number:
            if not self._child:
                return True
            if now == 0:
                return False
            for name in NOTES:
                getattr(self._trace, name).clear()
            self.number, self._position = now, 0
        elif now == 0:
            return not self._child
        self.hear()
        return True

    def hear(self) -> None:
        """Take in what the others have told."""
        lines, position = self.log.hear(self.number, self._position)
        for _, name, key, value in lines:
            _take(self._trace, name, key, value, self.log)
        self._position = position
        if not self._child and self.log.torn == self.number:
            _take(self._trace, "outside", "what its processes read could not be written down", None, self.log)

    def tell(self, name: str, key: Any, value: Any) -> None:
        """Tell the others of a note."""
        if self.silent:
            return
        if name == "variables":
            value = _sealed(value, self.log)
        with unseen():
            self.log.tell(self.number, (name, key, value))


def _sealed(value: str | None, log: Log) -> str | None:
    """Return what tells a variable's value from others, and not what it is: it may be a secret."""
    if value is None:
        return None
    context = f"steppe 2026 variable of a child {log.folder}"
    return blake3(value.encode("utf-8", "surrogateescape"), derive_key_context=context).hexdigest()


def _take(noted: Trace, name: str, key: Any, value: Any, log: Log) -> None:
    """Take a note of another process into a Trace, as if it had been made there now."""
    if name == "outside":
        if key not in noted.outside:
            noted.outside.append(key)
        return
    if name == "variables":
        raw = os.environb.get(os.fsencode(key))
        mine = None if raw is None else os.fsdecode(raw)
        if _sealed(mine, log) != value:  # set for the child alone
            return
        value = mine
    key = tuple(key) if isinstance(key, list) else key
    if name in ("read", "sources"):
        value = None if value is None else contents.Status(*value)
    if name not in WRITTEN and name != "variables" and (key[1] if name == "listings" else key) in noted.written:
        return
    notes = getattr(noted, name)
    if name == "probed":
        value = tuple(value)
        if trace.RANKS[notes.get(key, ("",))[0]] >= trace.RANKS[value[0]]:
            return
    elif key in notes:
        if name not in ("read", "sources") or notes[key] == value:
            return
        value = None  # one has read another file than the other
    notes.take(key, value) if isinstance(notes, Told) else notes.__setitem__(key, value)


class Family:
    """The log of this process, once it needs one."""

    def __init__(self) -> None:
        self.log: Log | None = None
        self.held = 0
        self.member = False
        self._registered = False

    def watch(self) -> Callable[[], None]:
        """Have the children of this process take part from now on; return what ends that.

        Those who begin more than once end as often.
        """
        self.held += 1
        if os.environ.get(companions.FAMILY_FOLDER):
            companions.accompany()
        trace.sharing.began, trace.sharing.ended = self.began, self.ended
        if not self._registered:
            self._registered = True
            os.register_at_fork(before=self._before_fork, after_in_child=self._in_child)
        return self._end

    def _end(self) -> None:
        self.held -= 1
        if not self.held:
            self.close()

    def close(self) -> None:
        """Remove the log: no child is heard any more, until there is one again."""
        if self.log is not None and not self.member:
            self.log.remove()
            self.log = None

    def began(self, noted: Trace) -> None:
        """Let the children tell this Trace from now on."""
        if self.log is not None and not self.member:
            share = noted.share = Sharing(noted, self.log, child=False)
            share.begin(self.log.begin())

    def ended(self, noted: Trace, before: Trace | None) -> None:
        """Take in what the children have told at last; they go on with an outer Trace, or with none."""
        share = noted.share
        if share is not None and not self.member:
            with unseen():
                share.hear()
                share.log.drop(share.number)
                share.log.go_on(before.share.number if before is not None and before.share is not None else 0)

    def ready(self) -> Log | None:
        """Return the log; None where there can be none."""
        if self.log is None and self.held:
            with unseen(), contextlib.suppress(OSError):
                self.log = Log(os.environ.get(companions.FAMILY_FOLDER, ""))
        if self.log is None:
            trace.note_outside("it starts a process")
        elif (active := trace.active()) is not None and active.share is None:
            with unseen():
                self.began(active)
        return self.log

    def _before_fork(self) -> None:
        if self.held and not is_unseen() and self.ready() is not None and (active := trace.active()) is not None:
            active.forked = True

    def _in_child(self) -> None:
        contents.forked()
        if self.member:
            return
        if not self.held or self.log is None or is_unseen():
            trace.activate(None)
            return
        self.take_part(self.log, trace.active())

    def take_part(self, log: Log, inherited: Trace | None = None) -> None:
        """Become a child: note what is done here, for good, and tell it."""
        self.member, self.log = True, log
        noted = inherited or Trace()
        noted.before_writing = None
        noted.share = Sharing(noted, log, child=True)
        noted.share.begin(log.now)
        trace.activate(noted)
        if inherited is None:
            for patch in (*PROBES, watch_natives):
                patch(noted)


FAMILY = Family()
"""That of this process."""


class Invitation:
    """Goes along with a process object, and lets the new interpreter take part as it arrives there."""

    def __reduce__(self) -> Any:
        log = FAMILY.ready() if not is_unseen() else None
        if log is None:
            return str, ()
        names = {"folder": log.folder, "given": tuple(GIVEN)}
        return eval, (JOINING, names)


JOINING = (
    "__import__('importlib.util').util.find_spec('steppe') "
    "and __import__('steppe.worker.children', fromlist=['join']).join(folder, given)"
)
"""What the new interpreter runs: nothing where Steppe is not installed for it."""


def join(folder: str, given: Iterable[str]) -> Invitation:
    """Take part in what the process is traced for that has started this one."""
    with contextlib.suppress(OSError):
        if not FAMILY.member:
            GIVEN.update(given)
            FAMILY.watch()
            FAMILY.take_part(Log(folder))
    return Invitation()


def invite(process: Any) -> None:
    """Let the processes that `multiprocessing` starts take part: each takes its parent's configuration along."""
    process.current_process()._config.setdefault("steppe", Invitation())  # noqa: SLF001  # there is no other way in


ADAPTERS.arrivals["multiprocessing.process"] = invite


def welcome(library: Any) -> None:
    """Let the processes of the step's own cluster take part: they know where the log is."""
    del library
    if os.environ.get(companions.FAMILY_FOLDER) and not FAMILY.member:
        companions.accompany()
        FAMILY.ready()


ADAPTERS.arrivals[companions.PACKAGE] = welcome
