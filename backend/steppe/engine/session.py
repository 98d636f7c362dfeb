"""A session: what lasts as long as a kernel does. Opens the Store and the Catalog when the first step needs them."""

from __future__ import annotations

import contextlib
import functools
import getpass
import json
import logging
import os
import secrets
import socket
import threading
import time
import types
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any

import msgspec
from blake3 import blake3

from steppe.engine.announcing import Announcing
from steppe.engine.describing import Describing
from steppe.engine.elsewhere import Elsewhere
from steppe.engine.environment import Distributions
from steppe.engine.holder import new_holder
from steppe.engine.live_output import LiveOutput
from steppe.engine.lookup import ENCODER, World
from steppe.engine.modules import Modules
from steppe.engine.setup_log import SetupLog
from steppe.engine.surroundings import Surroundings
from steppe.errors import CatalogError, SteppeError, StoreError, UsageError
from steppe.executors.executor import Executor
from steppe.ids import new_id
from steppe.settings import Project, make_state
from steppe.store.store import Store
from steppe.threads import OurThread
from steppe.types import Buffer, Digest, HeadlessRun, Measured, Run, StepId, StepRun
from steppe.values import families as families  # registers the encoders before anything is walked
from steppe.values.codes import CodeTable
from steppe.worker import contents
from steppe.worker.ambient import Ambient
from steppe.worker.children import FAMILY
from steppe.worker.native import ADAPTERS
from steppe.worker.places import Places
from steppe.worker.randomness import Randomness
from steppe.worker.setting import Setting
from steppe.worker.sources import Sources
from steppe.worker.trace import unseen

log = logging.getLogger("steppe")

LEASE = 15.0
"""Seconds for which a claim holds unless it is renewed."""


class Session:
    """One kernel, with all that its steps share.

    Attributes:
        project: the project around the notebook.
        sources: the notebook's code.
        modules: the project's modules.
        setup: the setup that was run.
        setting: the namespace and the state of the process around it.
        around: what a key may depend on beside the variables.
        notebook: the notebook's identity: its id, else its path, else this session.
        path: the notebook's path, or empty.
        headless: the headless run that this kernel works for, or None.
        pending: the steps that run in the background, in the order in which they were started.
        journeys: the steps out of the kernel whose attempts have not ended; some have a result already.
        writers: steps of this session that have run in the background: the files that they wrote, and when they ended.
        live: what steps show and tell while they run, for readers elsewhere.
        describing: finds out what this session stands on, beside it.
        announcing: has the states of steps written down while they last.
        holder: who this session is to others that want the same work.
        plain: the digest of the plain cells that have run so far.
        imported: what each variable was imported as, as `imports.bound_by` tells, where an import has bound it.
        transformers: what changed the code of cells when the session began.
        hooked: why every later step stays in the kernel where nobody asked for another place, or empty.
        on_end: called, in a thread of ours, when a background step has ended: its result waits to be bound.
    """

    kind = "kernel"
    """The kind of its Run."""

    def __init__(
        self,
        shell: Any,
        project: Project,
        *,
        notebook: str = "",
        path: str = "",
        headless: HeadlessRun | None = None,
    ) -> None:
        self.headless = headless
        self.project = project
        self.sources = Sources()
        self.modules = Modules()
        self.setup = SetupLog()
        self.places = Places(project.root)
        self.ambient = Ambient()
        self.randomness = Randomness()
        self.distributions = Distributions()
        table = CodeTable(self.sources.locate)
        self.setting = Setting(shell, self.sources, table, self.ambient, self.randomness, self.places, self.put)
        self.around = Surroundings(
            self.sources,
            self.modules,
            self.distributions,
            self.ambient,
            self.setup,
            project.settings.env,
            self.setting.at_import,
            Elsewhere(project.state),
        )
        self.path = path
        self.pid = os.getpid()
        self.holder = new_holder(self.pid)
        self.notebook = notebook or path or f"session:{self.holder}"
        self._keeper: threading.Thread | None = None
        self.pending: list[Any] = []
        self.journeys: set[Any] = set()
        self.again: set[str] = set()  # steps that are to run once although they would hit
        self.writers: list[tuple[StepId, frozenset[str], float]] = []
        self._executors: dict[str, Executor] = {}
        self._claimed: set[Digest] = set()
        self.announcing = Announcing()
        self.describing = Describing(project.root, lambda: self.catalog, self.put)
        self.live = LiveOutput(lambda: make_state(project))
        self.plain = blake3()
        self.imported: dict[str, str] = {}
        self.transformers = tuple(getattr(shell, "ast_transformers", ()))
        self.hooked = ""
        self.on_end: Callable[[], object] = lambda: None
        self._closed = False
        self._beginning = threading.RLock()
        self._lost: set[str] = set()
        self.modules.after_import.append(self._note_import)
        self._unwatch = ADAPTERS.begin()
        self._unwatch_children = FAMILY.watch()
        self.modules.watch()
        self.randomness.watch()
        self.randomness.look_back(map(str, getattr(shell, "user_ns", {}).get("In", ())))

    @functools.cached_property
    def store(self) -> Store:
        """The project's Store."""
        from steppe.store import open_store

        with unseen():
            state = make_state(self.project)
            return open_store(self.project.settings.store or str(state / "store"), state / "store")

    @functools.cached_property
    def catalog(self) -> Any:
        """The project's Catalog."""
        from steppe.catalog import open_catalog

        with unseen():
            return open_catalog(self.project.settings.catalog or str(make_state(self.project) / "catalog.db"))

    @functools.cached_property
    def run(self) -> Run:
        """The Run that this session is; recorded when its first step is."""
        with self._beginning:
            return vars(self).get("run") or self._begun()

    def _begun(self) -> Run:
        headless = self.headless
        run = vars(self)["run"] = Run(
            id=(headless.id if headless else "") or new_id(time.time(), secrets.randbits),
            kind="headless" if headless else self.kind,
            parameters=headless.parameters if headless else {},
            notebook=self.notebook,
            path=self.path,
            owner=user(),
            host=socket.gethostname(),
            pid=(headless.pid if headless else 0) or self.pid,
            holder=(headless.holder if headless else "") or self.holder,
            started=time.time(),
            repeats=headless.repeats if headless else "",
        )
        with self.forgiving("this session is not in the catalog"):
            if headless is not None and headless.repairs:
                run = vars(self)["run"] = _going_on(self.catalog.runs.get(run.id) or run, run)
            self.catalog.runs.begin(run)
            self.describing.begin(run.id)
        return run

    def put(self, chunks: Iterable[Buffer]) -> Digest:
        """Store bytes."""
        return self.store.put(chunks)

    def executor(self, name: str) -> Executor:
        """Return an executor, made when it is first asked for.

        Raises:
            UsageError: there is none of that name.
        """
        if name not in self._executors:
            self._executors[name] = make_executor(name, self.project)
        return self._executors[name]

    def world(self) -> World:
        """Return what Traces are checked against now."""
        formats = tuple(getattr(self.setting.shell.display_formatter, "active_types", ()))
        return World(self.places, os.environ, self.seeded_states, formats)

    def seeded_states(self) -> dict[str, Any]:
        """Return the states of the generators that the notebook has seeded."""
        states = self.randomness.states()
        return {name: states[name] for name in self.randomness.seeded if name in states}

    def _note_import(self, module: types.ModuleType) -> None:
        """Note what a module of the project holds when it has just been imported."""
        with unseen():
            self.setting.at_import.note(module)

    def is_ours(self, path: str) -> bool:
        """Tell whether a file is as some step left it, so that nothing of a person's is lost when it is replaced."""
        found = self.catalog.lineage.using("written", self.places.name(path), contents.file_version(path), limit=1)
        return bool(found.items)

    def note(self, record: StepRun) -> None:
        """Write down how a step ended."""
        with unseen(), self.forgiving("what steps do is not written down"):
            self.catalog.step_runs.record(record, later=True)

    def follow(self, now: Callable[[], StepRun | None]) -> None:
        """Have where a step stands written down in a moment, for whoever looks from elsewhere."""
        with unseen(), self.forgiving("what steps do is not written down"):
            catalog, _ = self.catalog, self.run  # made here: what is written refers to them

            def write() -> None:
                record = now()
                if record is not None and not catalog.read_only:
                    catalog.step_runs.stand(record)

            self.announcing.soon(write)

    @contextlib.contextmanager
    def forgiving(self, loss: str) -> Iterator[None]:
        """Say once, and go on, where the Store or the Catalog can't be used: the notebook works all the same."""
        try:
            yield
        except (CatalogError, StoreError) as error:
            self.warn_once(loss, error)

    def warn_once(self, loss: str, error: Exception) -> None:
        """Tell the user, once, what is lost and why."""
        if loss not in self._lost:
            self._lost.add(loss)
            self.warn(f"{loss}: {error}")

    def warn(self, text: str) -> None:
        """Tell the user something that is no part of the notebook's output."""
        log.warning(text)

    @staticmethod
    def unique() -> Digest:
        """Return a version that nothing else has: for what has none."""
        return f"b3:{secrets.token_hex(32)}"

    def tell(self, record: StepRun) -> None:
        """Tell whoever follows a headless run what has become of a step."""
        if self.headless is None or not self.headless.events:
            return
        line = {
            "id": record.id,
            "step": record.step.name,
            "part": record.part,
            "state": str(record.state),
            "why": record.why,
            "started": record.started,
            "ended": record.ended,
        }
        try:
            with unseen(), open(self.headless.events, "a") as file:
                file.write(json.dumps(line) + "\n")
        except OSError as error:  # a full disk, say: the notebook runs all the same
            self.warn_once("what becomes of steps can't be told while they run", error)

    # Claims

    def hold(self, key: Digest) -> None:
        """Keep a claim renewed until `let_go`."""
        self._claimed.add(key)
        if self._keeper is None or not self._keeper.is_alive():
            self._keeper = OurThread(target=self._renew, name="steppe-claims", daemon=True)
            self._keeper.start()

    def has_claimed(self, key: Digest) -> bool:
        """Tell whether a claim was taken and not given up; another may have taken it over since."""
        return key in self._claimed

    def let_go(self, key: Digest) -> None:
        """Release a claim."""
        self._claimed.discard(key)
        with unseen(), self.forgiving("others wait until this session's claims run out"):
            self.catalog.claims.release(key, self.holder)

    def let_go_each(self, keys: Iterable[Digest]) -> None:
        """Release many claims."""
        mine = self._claimed.intersection(keys)
        if mine:
            self._claimed -= mine
            with unseen(), self.forgiving("others wait until this session's claims run out"):
                self.catalog.claims.release_each(mine, self.holder)

    def _renew(self) -> None:
        idle = 0
        with unseen():
            while idle < 4:
                time.sleep(LEASE / 3)
                idle = 0 if self._claimed else idle + 1
                if self._claimed and os.getpid() == self.pid:
                    try:
                        self.catalog.claims.renew_all(self.holder, LEASE)
                    except SteppeError:
                        continue  # out of reach for a moment: the lease is three times as long as this pause

    def outcome(self) -> str:
        """Say how its Run has ended, when it closes."""
        return "succeeded"

    def close(self) -> None:
        """Write what is left to write, and let go of idle workers; once, and never from a forked child."""
        if self._closed or os.getpid() != self.pid:
            return
        self._closed = True
        self.randomness.end()  # each in turn: they wrap the same function of the import system
        self.modules.patches.undo()
        self._unwatch()
        self._unwatch_children()
        self.ambient.forget()
        for journey in list(self.journeys):
            journey.land(1.0)
        for executor in self._executors.values():
            executor.close()
        self.live.close()
        self.describing.end()
        if "catalog" in vars(self):
            with unseen(), self.forgiving("the end of this session is not in the catalog"):
                if "run" in vars(self) and not (self.headless and self.headless.id):
                    self.catalog.runs.finish(self.run, status=self.outcome(), ended=time.time())
                self.catalog.close()


def _going_on(known: Run, now: Run) -> Run:
    """Return a Run that has ended and goes on in another process: it stays what it is, and began when it began."""
    replaced = {"status": "running", "ended": None, "host": now.host, "pid": now.pid, "holder": now.holder}
    return msgspec.structs.replace(known, **replaced)


def make_executor(name: str, project: Project) -> Executor:
    """Make the executor of a project by its name; its library is imported only now.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in EXECUTORS:
        raise UsageError(f"there is no executor `{name}`: there are inline, {', '.join(sorted(EXECUTORS))}.")
    module, _, kind = EXECUTORS[name].partition(":")
    made: Executor = getattr(import_module(module), kind).of(project)
    return made


def log_metric(session: Session, step_run: str, measured: Measured) -> None:
    """Enter a number that a step logged into the Catalog."""
    with unseen():
        session.catalog.metrics.log(
            step_run, measured.name, measured.value, step=measured.step, now=measured.time or time.time()
        )


EXECUTORS = {
    "kubernetes": "steppe.executors.kubernetes:KubernetesExecutor",
    "process": "steppe.executors.process:ProcessExecutor",
    "ray": "steppe.executors.ray:RayExecutor",
}
"""Executors by name: module and class."""


def user() -> str:
    """Return the user's name: what STEPPE_USER says, JupyterHub's name for them, or that on this machine.

    On a hub all users may be the same one to the machine.
    """
    if told := os.environ.get("STEPPE_USER") or os.environ.get("JUPYTERHUB_USER"):
        return told
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


__all__ = ["ENCODER", "LEASE", "Session"]
