"""One execution of a cell's code: what is set up around it, and what is kept of it.

The same in the kernel and in a worker: the code itself runs on IPython's own path in between.
"""

from __future__ import annotations

import re
import resource
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from steppe.errors import CannotMove, Unversionable
from steppe.types import Artifact, FileOutput, Measured, Observation, Part, Result, Shown, Struct
from steppe.values.alone import is_shown, large_arrays
from steppe.values.changes import Place, changed_roots, places
from steppe.values.kinds import module_of
from steppe.values.lazy import is_lazy
from steppe.values.library_objects import LibraryObjects
from steppe.values.pack import Packing
from steppe.values.preview import preview, type_name
from steppe.values.views import notes
from steppe.values.walk import LRU, Put, Root, Walk
from steppe.worker import companions, observed
from steppe.worker.libraries import Attributes, attributes, rebound
from steppe.worker.metrics import listening
from steppe.worker.module_state import Moved, moved
from steppe.worker.native import watch_natives
from steppe.worker.printers import Printers, printers, retold
from steppe.worker.probes import PROBES
from steppe.worker.randomness import Use
from steppe.worker.setting import Setting
from steppe.worker.shown import TROUBLED, Recording, recording
from steppe.worker.trace import Trace, tracing, unseen
from steppe.worker.undo import Undo

VALUE = "Out[n]"
"""The name under which the value of a cell's last expression is stored: no variable of the cell can have it."""


SHELLS = re.compile(r"_{1,3}|_i{1,3}|_i?\d+|_ih|_oh|_dh|In|Out|_exit_code")
"""The names that IPython itself binds as cells run."""


class Intent(Struct, frozen=True, kw_only=True):
    """What is known of a cell before it runs.

    Attributes:
        binds: names that it may bind.
        surely: names that it binds whenever it ends well.
        reads: names that it reads, through functions too.
        deletes: names that it may remove.
        imports: modules that it imports.
        outputs: the names to keep instead of all that it binds, or None.
        everything: whether it may bind any name at all.
        seed: the seed for generators that nobody seeded, or None to leave them alone.
        reach: files and folders that texts in its reach name: kind and absolute path.
        keep: False where nothing will be cached, so nothing need be stored.
        project: the project's modules whose code it may run.
        handed_on: what of libraries its code can set something in, as `libraries.attributes` takes it.
    """

    binds: frozenset[str] = frozenset()
    surely: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    deletes: frozenset[str] = frozenset()
    imports: tuple[str, ...] = ()
    outputs: tuple[str, ...] | None = None
    everything: bool = False
    seed: int | None = None
    reach: tuple[tuple[str, str], ...] = ()
    keep: bool = True
    project: tuple[str, ...] = ()
    handed_on: tuple[str, ...] = ()


class Execution:
    """One execution, from just before the code runs to its Result.

    Attributes:
        reasons: why the result can't be cached, in words; empty where it can.
        files: what it wrote inside the project, once its result was asked for.
        undo: keeps what is about to be overwritten, where the step may have to run elsewhere instead.
        here: whether it runs in the kernel, so that its values may refer to objects that libraries keep there.
        tell: told of what is shown, as it is shown.
        trace: what it was seen to read and to touch so far.
        use: what it has to do with the generators.
        metrics: the numbers that it has logged.
        printers: what showed values before the code ran.
        libraries: what modules that it hands on held then.
        retold: how it told the shell to show values, or what it set in a library, in words, once its result was asked
            for; empty where it did neither.
    """

    def __init__(
        self,
        setting: Setting,
        intent: Intent,
        before: Walk,
        *,
        undo: Undo | None = None,
        here: bool = False,
        tell: Callable[[Shown], object] | None = None,
    ) -> None:
        self.undo = undo
        self.here = here
        self.tell = tell
        self.setting = setting
        self.intent = intent
        self.before = before
        self.reasons: list[str] = []
        self.files: list[FileOutput] = []
        self._hidden: dict[str, Any] = {}
        self._restored: set[str] = set()
        self._there: dict[str, Any] = {}
        self._record = Recording()
        self.trace = Trace()
        self.use = Use(None, set(), {})
        self._moved = Moved()
        self.metrics: list[Measured] = []
        self.printers: Printers = {}
        self.libraries: Attributes = {}
        self.retold = ""

    @contextmanager
    def running(self) -> Iterator[None]:
        """Set everything up, let the code run, and settle what can only be seen at its end."""
        namespace = self.setting.namespace
        self._ambient = self.setting.ambient.read()
        self.use = self.setting.randomness.begin(self.intent.seed)
        self._there = dict(namespace)
        self.printers, self.libraries = printers(self.setting.shell), attributes(self.intent.handed_on)
        for name in self.intent.binds - self.intent.surely - self.intent.reads - self.intent.deletes:
            if name in namespace:
                self._hidden[name] = namespace.pop(name)
        self._threads = set(threading.enumerate())
        self._started, self._cpu = time.time(), time.process_time()
        with ExitStack() as stack:
            stack.enter_context(listening(self.metrics.append))
            self.trace = stack.enter_context(tracing((*PROBES, watch_natives)))
            with unseen():
                for kind, path in self.intent.reach:
                    if kind == "file":
                        self.trace.suspects_writing(path)
                    else:
                        self.trace.trees(path) if kind == "tree" else self.trace.globs(path)
            if self.undo is not None:
                self.trace.before_writing = self.undo.keep
                self._cached = cached(self.setting.namespace)
            self._record = stack.enter_context(recording(self.setting.shell, Recording(self.tell)))
            try:
                yield
                flush_figures()
            finally:
                self.seconds = time.time() - self._started
                self.cpu = time.process_time() - self._cpu
                self._put_back()

    def _put_back(self) -> None:
        """Put back what was hidden and not bound, and the generators that nobody seeded."""
        namespace = self.setting.namespace
        for name, value in self._hidden.items():
            if name not in namespace:
                namespace[name] = value
                self._restored.add(name)
        if self.trace.forked:  # a child has the generators as they were, but for Python's own, and may draw from any
            for name in self.use.given.keys() - {"random"}:
                self.use.reads(name)
        self.setting.randomness.finish(self.use)

    def result(self, value: Any, *, has_value: bool, allowed: bool = False, anyway: bool = False) -> Result | None:
        """Store what the execution left behind.

        Args:
            value: the value of the last expression.
            has_value: whether the cell showed it, so that `Out` has it.
            allowed: whether it may reach outside, since the user said for how long its result holds.
            anyway: store what can be stored although it can't be cached: it is to be sent elsewhere.

        Returns:
            The Result, or None where it can't be cached; `reasons` then says why.
        """
        settled = self.settle(self.setting.put, keep=self.intent.keep)
        if left := open_figures():
            self.reasons.append(f"it leaves {left} open, which later cells may draw on")
        if self._record.odd:
            self.reasons.append(self._record.odd)
        self.retold = self._told()
        if self.retold:
            self.reasons.append(f"{self.retold}, which a hit would not do")
        begun = [each for each in threading.enumerate() if each not in self._threads and goes_on(each)]
        if self.here and begun:
            self.reasons.append(f"it leaves a thread running ({begun[0].name}), which a hit would not start")
        self.reasons += settled.reasons
        self.files = settled.files
        if not allowed:
            self.reasons += settled.outside
        self._moved = self._moved_now()
        self.reasons += self._moved.reasons
        if (self.reasons or not self.intent.keep) and not anyway:
            return None
        try:
            return self._stored(settled, value, has_value=has_value)
        except Unversionable as error:
            self.reasons.append(_said(error))
        except CannotMove as error:
            self.reasons.append(str(error))
        return None

    def _told(self) -> str:
        """Say what it has told the shell, or set in a library, in words; nothing where it has not."""
        told = retold(self.printers, printers(self.setting.shell))
        there = "" if told else rebound(self.libraries)
        return f"it sets {there}" if there else told

    def _moved_now(self) -> Moved:
        """Return what it has put into modules of the project."""
        return moved(list(self.intent.project), self.before, self.setting.at_import)

    def _changed(self, after: Walk) -> dict[str, Root]:
        """Return the inputs that it has changed in place, as they are now."""
        return changed_roots(self.before, after)

    def _places(self) -> dict[int, Place]:
        """Return where the parts of the inputs are, by identity."""
        return places(self.before)

    def alone(self) -> Result:
        """Return what it was seen to read, and the files that it wrote: of several nodes, only the first has values."""
        settled = self.settle(self.setting.put, keep=self.intent.keep)
        self.reasons += [*settled.reasons, *settled.outside]
        trace, files = tuple(settled.trace), tuple(settled.files)
        return Result(trace=trace, files=files, seconds=self.seconds, used=self._used())

    def _used(self) -> dict[str, float]:
        return {"cpu_seconds": self.cpu, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0}

    def stays(self, error: BaseException | None) -> str:
        """Say what the code has left in this process that no result brings along, in words; nothing where all comes."""
        if isinstance(error, SystemExit):
            return "it asks the kernel to exit"
        if figures := open_figures():
            return f"it leaves {figures} open, which later cells may draw on"
        if self._record.odd and not (error is not None and self._record.odd == TROUBLED and self._record.errors == 1):
            return self._record.odd
        if told := self._told():
            return f"{told}, there alone"
        for name in sorted(self.intent.binds):
            value = self.setting.namespace.get(name)
            if isinstance(value, BaseException) and (value.__traceback__ or value.__cause__ or value.__context__):
                return f"`{name}` is an error with its traceback"
        if left := [each for each in threading.enumerate() if each not in self._threads and not _passing(each)]:
            return f"it leaves a thread running ({left[0].name})"
        changed = {name for name, size in cached(self.setting.namespace).items() if self._cached.get(name, 0) != size}
        return f"`{min(changed)}` has cached results" if changed else ""

    def settle(self, put: Put, *, keep: bool) -> observed.Observed:
        """Return what it read and wrote so far.

        Args:
            put: stores bytes.
            keep: whether the files that it wrote are stored.
        """
        for path in {path for kind, path in self.intent.reach if kind == "file"}:
            if path not in self.trace.written and self.trace.suspects.get(path, "").startswith("b3:"):
                self.trace.read.setdefault(path, None)
                self.trace.before.setdefault(path, self.trace.suspects[path])
        settled = observed.settle(self.trace, self.setting.places, put, keep=keep)
        for name, version in self.use.versions.items():
            settled.trace.append(Observation(kind="random", name=name, version=version))
        return settled

    def _stored(self, settled: observed.Observed, value: Any, *, has_value: bool) -> Result:
        after = Walk(self.setting.home)
        changed = self._changed(after)
        bound, modules, deleted = self._bound()
        if has_value:
            bound[VALUE] = value
        states = self._new_states()
        ambient = self._new_ambient()
        held = {f"module:{name}": item for name, item in self._moved.values.items()}
        stored: dict[str, Any] = {
            **bound,
            **{f"random:{name}": state for name, state in states.items()},
            **{f"ambient:{name}": settings for name, settings in ambient.items()},
            **held,
        }
        artifacts: dict[str, Artifact] = {}
        last = large_arrays(stored)
        for name in [*(name for name in stored if name not in last), *last]:
            roots = [*self.before.roots.values(), *changed.values(), *after.roots.values()] if name in last else []
            put = self.setting.put if name in last and not is_shown(stored[name], roots) else None
            artifacts[name] = _artifact(after, name, stored[name], put)
        libraries = LibraryObjects(self.setting.home) if self.here else None
        packing = Packing(self.before, after, self._places(), self.setting.table, self.setting.put, libraries)
        parts = packing.pack(stored, changed)
        return Result(
            parts=(*parts, *notes(bound, parts, self.setting.put)),
            outputs=_sized({name: artifacts[name] for name in bound}, parts)
            | {name: Artifact(version=root.version, type=type_name(root.value)) for name, root in changed.items()},
            value=VALUE if has_value else "",
            deleted=tuple(deleted),
            modules=modules,
            imports=tuple(name for name in self.intent.imports if name in sys.modules),
            shown=self._shown(has_value=has_value),
            formats=tuple(getattr(self.setting.shell.display_formatter, "active_types", ())),
            files=tuple(settled.files),
            ambient={name: f"ambient:{name}" for name in ambient},
            random={name: f"random:{name}" for name in states},
            module_state={name.partition(":")[2]: name for name in held},
            seeded=tuple(sorted(self.setting.randomness.seeded - self.use.seeded)),
            trace=tuple(settled.trace),
            seconds=self.seconds,
            used=self._used(),
            seed=self.intent.seed if self.use.read - self.use.seeded else None,
            metrics=tuple(self.metrics),
        )

    def _shown(self, *, has_value: bool) -> tuple[Shown, ...]:
        """Return what was shown; a value that displays itself has no representation, but is in `Out` all the same."""
        shown = self._record.finish()
        if has_value and all(item.kind != "result" for item in shown):
            at = self._record.prompted
            return (*shown[:at], Shown(kind="result"), *shown[at:])
        return shown

    def _bound(self) -> tuple[dict[str, Any], dict[str, str], list[str]]:
        """Return the values bound, the modules bound, and the names removed."""
        namespace = self.setting.namespace
        values: dict[str, Any] = {}
        modules: dict[str, str] = {}
        names = self.intent.binds if self.intent.outputs is None else frozenset(self.intent.outputs)
        if self.intent.outputs is None:
            names |= self._rebound()
        for name in sorted(names):
            if name not in namespace or name in self._restored:
                continue
            value = namespace[name]
            if companions.is_theirs(value):
                continue
            if type(value) is type(sys) and sys.modules.get(value.__name__) is value:
                modules[name] = value.__name__
            else:
                values[name] = value
        deleted = [name for name in sorted(self._there) if name not in namespace and not SHELLS.fullmatch(name)]
        return values, modules, deleted

    def _rebound(self) -> set[str]:
        """Return the names that are bound to something else than before, by whatever code: functions may do so too."""
        there = self._there
        return {
            name
            for name, value in self.setting.namespace.items()
            if there.get(name, self) is not value and not is_lazy(there.get(name)) and not SHELLS.fullmatch(name)
        }

    def _new_states(self) -> dict[str, Any]:
        """Return the states of seeded generators that the code set, or left different."""
        use = self.use
        mine = use.seeded | self.setting.randomness.seeded
        return {
            name: state
            for name, state in use.after.items()
            if name in mine and (name in use.anew or state != use.given.get(name))
        }

    def _new_ambient(self) -> dict[str, Any]:
        now = self.setting.ambient.read()
        changed = {}
        for name in {*now, *self._ambient}:
            settings = now.get(name, {})
            if settings != self._ambient.get(name, {}):
                if any(item == ("steppe", "secret") for item in settings.values()):
                    raise CannotMove("it sets a variable of the environment that looks like a secret")
                change = self.setting.ambient.adapters[name].change(self._ambient.get(name, {}), settings)
                if change is not None:
                    changed[name] = change
        return changed


def cached(namespace: dict[str, Any]) -> dict[str, Any]:
    """Return what is cached by the notebook's functions that have a cache, by their names, where anything is."""
    found = {}
    for name, value in list(namespace.items()):
        if isinstance(value, LRU) and value.__module__ == "__main__":
            found[name] = value
        elif isinstance(value, type) and value.__module__ == "__main__":
            found |= {f"{name}.{each}": item for each, item in vars(value).items() if isinstance(item, LRU)}
    infos = {name: value.cache_info() for name, value in found.items()}
    return {name: info for name, info in infos.items() if info.hits or info.misses}


def _passing(thread: threading.Thread) -> bool:
    """Tell whether a thread belongs to a library that starts one of its own accord, and needs none to go on."""
    return module_of(type(thread)).startswith("tqdm") or not thread.is_alive()


POOLS = frozenset(
    {"concurrent", "multiprocessing", "joblib", "asyncio", "anyio", "ipykernel", "IPython", "jupyter_client", "zmq"}
    | {"tornado", "debugpy", "pydevd", "steppe", "steppe_magic", "steppe_server"}
)
"""Libraries whose threads wait for work, and do none of their own accord."""


def goes_on(thread: threading.Thread) -> bool:
    """Tell whether a thread does something that the code which has started it has not waited for."""
    target = getattr(thread, "_target", None)
    of = str(getattr(target, "__module__", "")) if target is not None else module_of(type(thread))
    ours = thread.name.startswith("steppe-") or module_of(type(thread)).partition(".")[0] in POOLS
    return not ours and not _passing(thread) and of.partition(".")[0] not in POOLS


def _artifact(walk: Walk, name: str, value: Any, put: Put | None) -> Artifact:
    names, modules = set(walk.names), set(walk.modules)
    walk.names, walk.modules = set(), set()
    try:
        root = walk.walk(name, value, put)
    except Unversionable as error:
        raise error.under("" if name == VALUE else name) from None
    artifact = Artifact(
        version=root.version,
        type=type_name(value),
        preview=preview(value),
        detail=root.detail,
        names=tuple(sorted(walk.names)),
        modules=tuple(sorted(walk.modules)),
    )
    walk.names |= names
    walk.modules |= modules
    return artifact


def _sized(artifacts: dict[str, Artifact], parts: list[Part]) -> dict[str, Artifact]:
    """Return the artifacts with the sizes of the parts that hold them."""
    sizes = {name: part.size for part in parts for name in part.names}
    return {
        name: Artifact(**{**{field: getattr(item, field) for field in Artifact.__struct_fields__}, "size": sizes[name]})
        for name, item in artifacts.items()
    }


def _said(error: Unversionable) -> str:
    where = f"`{error.path}`" if error.path else "its value"
    return f"{where} holds {_article(error.what)}, which can't be kept: {error.reason}"


def _article(what: str) -> str:
    return f"an {what}" if what[:1].lower() in "aeio" else f"a {what}"


def open_figures() -> str:
    """Name the figures that pyplot holds open: the state of a process, which no value holds; empty where none is."""
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    numbers = sorted(helpers.Gcf.figs) if helpers is not None else []
    return f"pyplot's figure{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers))}" if numbers else ""


def flush_figures() -> None:
    """Show the figures that pyplot holds open, as pyplot and the inline backend do when a cell ends.

    Pyplot draws them once before they are shown, and a layout may come out otherwise the second time.
    """
    backend = sys.modules.get("matplotlib_inline.backend_inline")
    if backend is None or "matplotlib.pyplot" not in sys.modules:
        return
    matplotlib: Any = sys.modules["matplotlib"]
    if "inline" in str(dict.get(matplotlib.rcParams, "backend", "")):
        if matplotlib.is_interactive():
            sys.modules["matplotlib._pylab_helpers"].Gcf.draw_all()
        backend.flush_figures()
