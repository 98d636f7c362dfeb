"""The words of the glossary as plain, frozen data. No I/O, and no behaviour beyond what is true of the data alone."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeAlias

import msgspec

Buffer: TypeAlias = bytes | bytearray | memoryview
"""Anything that can be written or hashed without a copy."""

Digest: TypeAlias = str
"""`b3:` and 64 hex digits: the BLAKE3 digest of some bytes. Data and code versions and keys are written so too."""


class Struct(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A frozen record that can be stored as JSON or MessagePack."""


class State(StrEnum):
    """Where a StepRun stands. Which may follow which is in `states.py`."""

    PENDING = "pending"
    HIT = "hit"
    QUEUED = "queued"
    RUNNING = "running"
    RETRYING = "retrying"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"
    SETUP = "setup"


class Ingredient(Struct, frozen=True, kw_only=True):
    """One thing that a CacheKey is made of, with the words to explain it.

    Attributes:
        kind: what it is: `code`, `function`, `class`, `module`, `input`, `sharing`, `global`, `setup`, `ambient`,
            `option`, `package`, `python`, `source`.
        name: the user's own name for it: a variable, a function, a module, a package.
        version: its digest, or a short literal such as a package's version.
        detail: the versions of its parts by name (columns, keys, attributes, lines), for explanations only: they
            are not part of the key.
    """

    kind: str
    name: str
    version: str
    detail: dict[str, str] = {}


class Observation(Struct, frozen=True, kw_only=True):
    """One thing that a step was seen to read while it ran: a line of its Trace.

    Attributes:
        kind: `file` (its content), `listing` (a folder's names), `glob` (a pattern's matches), `absent` (a path that
            did not exist), `variable` (of the environment), `random` (the state of a global generator).
        name: the path (relative to the project where it lies inside it), the variable, or the generator.
        version: digest of what was read.
    """

    kind: str
    name: str
    version: str


class Part(Struct, frozen=True, kw_only=True):
    """Stored bytes that hold one or more of a step's values; values that share mutable parts are in one Part.

    Attributes:
        names: the variables that it holds.
        format: how the bytes are read back (`npy`, `arrow`, `json`, `pickle`, …): a key of the table of formats.
        blob: where the bytes are in the Store; None when they are `inline`.
        inline: the bytes themselves when they are small.
        size: how many bytes they are.
        anchored: True where the bytes refer to parts of the step's inputs, which must be live to read them back.
        sharing: groups of places, each `(name, ordinal)`, at which one mutable object is found.
        meta: what the format needs beside the bytes.
    """

    names: tuple[str, ...]
    format: str
    blob: Digest | None = None
    inline: bytes | None = None
    size: int = 0
    anchored: bool = False
    sharing: tuple[tuple[tuple[str, int], ...], ...] = ()
    meta: dict[str, Any] = {}


class Artifact(Struct, frozen=True, kw_only=True):
    """One immutable value, known by its data version.

    Attributes:
        version: digest of the value.
        type: the value's class, as `module.qualname`.
        size: bytes as stored.
        preview: a short text: shape and columns of a frame, the value of a number.
        detail: the versions of its parts (columns, keys), for explanations.
        names: variables of the notebook that code inside it looks up.
        modules: modules that the code of its classes and functions belongs to.
        part: the bytes that hold it, perhaps with others.
    """

    version: Digest
    type: str
    size: int = 0
    preview: str = ""
    detail: dict[str, str] = {}
    names: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    part: Part | None = None


class FileOutput(Struct, frozen=True, kw_only=True):
    """A file that a step wrote inside the project, kept so that a hit can put it back.

    Attributes:
        path: relative to the project's root.
        blob: its content; None when the step removed the file, or made a folder, whose path ends in a slash.
        size: in bytes.
        mode: permission bits.
        was: the version of what was there before, or empty where nothing was.
    """

    path: str
    blob: Digest | None
    size: int = 0
    mode: int = 0o644
    was: str = ""


class Shown(Struct, frozen=True, kw_only=True):
    """One thing that a cell showed.

    Attributes:
        kind: `stream`, `display`, `update` (of a display by its id), `result` (the cell's value) or `clear`.
        name: `stdout` or `stderr`, for a stream.
        text: what was written, for a stream.
        data: the MIME bundle, for a display or the result.
        metadata: the bundle's metadata.
        display_id: the display's id, where it has one.
        wait: for `clear`: only when the next output comes.
    """

    kind: str
    name: str = ""
    text: str = ""
    data: dict[str, Any] = {}
    metadata: dict[str, Any] = {}
    display_id: str = ""
    wait: bool = False


class Measured(Struct, frozen=True, kw_only=True):
    """A number that a step logged while it ran.

    Attributes:
        name: of the series.
        value: the number; it may be NaN.
        step: counts epochs or batches, where there are such.
        time: seconds since 1970.
    """

    name: str
    value: float
    step: int | None = None
    time: float = 0.0


class Result(Struct, frozen=True, kw_only=True):
    """All that a finished execution left behind: enough to have it again without running it.

    Attributes:
        parts: the stored values.
        outputs: what is known of each variable bound or changed, by name.
        value: the name under which the value of the last expression is stored, or empty.
        deleted: variables that the cell removed.
        modules: variables bound to modules, and the modules' names.
        imports: modules that the cell imported.
        shown: what it showed, in order.
        formats: MIME types that were computed for values; empty for all.
        files: files that it wrote inside the project.
        ambient: what it left changed in the ambient state, by adapter: an index into `parts` by name.
        random: states of the global generators that it left, by generator: likewise.
        module_state: what it left bound anew in modules of the project, by `module:place`: likewise.
        seeded: generators that the cell itself seeded.
        trace: what it was seen to read.
        seconds: how long it ran.
        used: peak use: `cpu_seconds`, `memory` in bytes, …
        seed: the seed that was derived for it, or None.
        metrics: the numbers that it logged, in order.
        task: of one that ran in the kernel: its Task, without the inputs that steps have stored; perhaps empty.
    """

    parts: tuple[Part, ...] = ()
    outputs: dict[str, Artifact] = {}
    value: str = ""
    deleted: tuple[str, ...] = ()
    modules: dict[str, str] = {}
    imports: tuple[str, ...] = ()
    shown: tuple[Shown, ...] = ()
    formats: tuple[str, ...] = ()
    files: tuple[FileOutput, ...] = ()
    ambient: dict[str, str] = {}
    random: dict[str, str] = {}
    module_state: dict[str, str] = {}
    seeded: tuple[str, ...] = ()
    trace: tuple[Observation, ...] = ()
    seconds: float = 0.0
    used: dict[str, float] = {}
    seed: int | None = None
    metrics: tuple[Measured, ...] = ()
    task: bytes = b""


class Resources(Struct, frozen=True, kw_only=True):
    """What a step asks of the machine that it runs on: cores, bytes of memory, whole GPUs; and of how many such.

    With `workers`, that is for each worker of the Ray cluster that is raised for the step; `fewest` of them are enough.
    """

    cpu: float = 1.0
    memory: int | None = None
    gpu: int = 0
    nodes: int = 1
    workers: int = 0
    fewest: int = 0


class StepId(Struct, frozen=True, kw_only=True):
    """A step's identity: the notebook's, and the step's name in it."""

    notebook: str
    name: str


class Entry(Struct, frozen=True, kw_only=True):
    """What the Catalog knows under a CacheKey: one finished execution and what it was seen to read.

    Attributes:
        key: the CacheKey.
        result: where the Result is: a blob of the Store.
        trace: the observations that must still hold for this to be a hit.
        seconds: how long the execution took, start to end.
        created: when it was finished, in seconds since 1970.
        expires: when it stops being a hit, or None.
        step_run: the StepRun that executed it.
        size: bytes of all its parts, for the limit on the Store.
        start: where in that blob the Result begins: small Results of many elements lie in one blob.
        stop: where it ends; 0 for the blob's end.
    """

    key: Digest
    result: Digest
    trace: tuple[Observation, ...] = ()
    seconds: float = 0.0
    created: float = 0.0
    expires: float | None = None
    step_run: str = ""
    size: int = 0
    start: int = 0
    stop: int = 0


class Run(Struct, frozen=True, kw_only=True):
    """One headless execution of a pipeline, or one kernel session.

    Attributes:
        id: a time-ordered unique id.
        kind: `kernel`, `headless` or `functions`.
        notebook: the notebook's id: what a rename keeps.
        path: where the notebook was, relative to the project where it lies inside it; empty when not known.
        owner: the user's name on the machine.
        host: the machine's name.
        pid: the kernel's process.
        holder: what tells whether it lives, since others may get its pid later; see `Claim`.
        started: seconds since 1970.
        ended: likewise, or None while it goes on.
        status: `running`, `succeeded`, `failed`, `cancelled` or `lost`.
        parameters: what was injected, name to value as JSON.
        commit: the project's git commit, with `+` where the tree differed from it.
        lock: the complete list of installed distributions, a blob of the Store.
        difference: names how tracked files differed from the commit; `Catalog.runs.difference` returns that.
        machine: what the machine is, in words.
        image: the container's image, where it was told.
        repeats: the Run that it is a rerun of, or empty.
    """

    id: str
    kind: str = "kernel"
    notebook: str = ""
    path: str = ""
    owner: str = ""
    host: str = ""
    pid: int = 0
    holder: str = ""
    started: float = 0.0
    ended: float | None = None
    status: str = "running"
    parameters: dict[str, Any] = {}
    commit: str = ""
    lock: Digest | None = None
    difference: str = ""
    machine: str = ""
    image: str = ""
    repeats: str = ""


class HeadlessRun(Struct, frozen=True, kw_only=True):
    """What a kernel is told of the headless run that it works for, in the variable STEPPE_RUN.

    Attributes:
        id: the Run's id; a new one where empty.
        path: the notebook's path.
        notebook: the notebook's id, where it has one.
        on: the executor for steps that name none.
        jobs: how many steps may run side by side out of the kernel.
        refresh: steps that run although they would hit; `*` for all.
        events: a file to which each change of a step's state is appended, as a line of JSON.
        parameters: what was injected.
        pid: the process that writes down how the run ends, where that is not the kernel.
        holder: its name among sessions; see `Run`.
        repeats: as in Run.
        repairs: whether the Run is there already, has failed, and goes on.
    """

    id: str = ""
    path: str = ""
    notebook: str = ""
    on: str = ""
    jobs: int = 1
    refresh: tuple[str, ...] = ()
    events: str = ""
    parameters: dict[str, Any] = {}
    pid: int = 0
    holder: str = ""
    repeats: str = ""
    repairs: bool = False

    def told(self) -> dict[str, Any]:
        """Return it as plain data."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found


class StepRun(Struct, frozen=True, kw_only=True):
    """One resolution of a step in a run: a hit, or an execution.

    Attributes:
        id: a time-ordered unique id.
        run: the Run's id.
        step: the step's identity.
        part: which of the step's cells this is, from 0.
        cell: the cell's id in its notebook, or empty.
        state: see `states.py`.
        key: the CacheKey, or None where it could not be computed.
        why: one sentence for people: why it hit, ran, was not cached, or failed.
        source: the cell as the user wrote it.
        ingredients: what the key is made of.
        inputs: data version of each variable read.
        outputs: data version of each variable bound or changed.
        trace: what it was seen to read.
        written: files that it wrote.
        result: the Result's blob.
        executor: where it ran: `inline`, `process`, …
        started: seconds since 1970.
        ended: likewise, or None.
        seconds: execution time of the entry (of the original one, for a hit).
        asked: the resources asked for.
        used: what was used at the peak: `cpu_seconds`, `memory`, `gpu_memory`, ….
        error: the error's first line, where it failed.
        entry: the StepRun whose result this hit returned, or empty.
        around: digest of the plain cells that had run before it in its session, for `steppe plan`; or empty.
        imported: what each variable that it read was imported as (`module:name`), where an import has bound it.
        samples: what it used over time: seconds since 1970, bytes of memory, processor seconds so far; and where it
            used GPUs, how many were busy, and the bytes of their memory.
        elements: of a fan-out, how many elements there were by what became of them: `hits`, `ran`, `failed`.
        parent: the StepRun that it ran inside of, or empty: a call of a step from the code of another.
        hints: what the step's function says that it takes and returns, by parameter and `return`, as it is written.
        stages: of an external resource: the states that it was in, since when, and what there is to say of each.
        tasks: of a step with a Ray cluster of its own: how many tasks of each name its code has run there, by what
            has become of them: `waiting`, `running`, `finished`, `failed`.
    """

    id: str
    run: str
    step: StepId
    part: int = 0
    cell: str = ""
    state: State = State.PENDING
    key: Digest | None = None
    why: str = ""
    source: str = ""
    ingredients: tuple[Ingredient, ...] = ()
    inputs: dict[str, Digest] = {}
    outputs: dict[str, Digest] = {}
    trace: tuple[Observation, ...] = ()
    written: tuple[FileOutput, ...] = ()
    result: Digest | None = None
    executor: str = "inline"
    started: float = 0.0
    ended: float | None = None
    seconds: float = 0.0
    asked: Resources = Resources()
    used: dict[str, float] = {}
    error: str = ""
    entry: str = ""
    around: str = ""
    imported: dict[str, str] = {}
    samples: tuple[tuple[float, ...], ...] = ()
    elements: dict[str, int] = {}
    parent: str = ""
    hints: dict[str, str] = {}
    stages: tuple[tuple[str, float, str], ...] = ()
    tasks: dict[str, dict[str, int]] = {}


class Span(Struct, frozen=True, kw_only=True):
    """A call of a step that was only traced, once it has ended: what is written down of it.

    Attributes:
        id: the StepRun's.
        run: the Run's id.
        step: the step's identity.
        state: how it ended.
        started: seconds since 1970.
        ended: likewise.
        error: the error's first line, where it failed.
        parent: the StepRun that it ran inside of, or empty.
        why: one sentence for people.
    """

    id: str
    run: str
    step: StepId
    state: State
    started: float
    ended: float
    error: str = ""
    parent: str = ""
    why: str = ""


class Attempt(Struct, frozen=True, kw_only=True):
    """One try at executing a StepRun.

    Attributes:
        id: unique; the name of its records in the Store.
        step_run: the StepRun's id.
        number: from 1.
        executor: where it was launched.
        handle: what the executor needs to find it again (a pid and its start time, a Job's name).
        task: the Task's blob.
        started: seconds since 1970.
        ended: likewise, or None.
        state: see `states.py`.
        end: how it ended, in one sentence: `killed by the OOM killer, last reading 15.2 GiB of 16 GiB`.
        image: the container's image that it ran in, with its digest: `registry.example/steps:1@sha256:…`.
        traceback: of a step that failed in the kernel: from the cell's line on.
    """

    id: str
    step_run: str
    number: int = 1
    executor: str = "inline"
    handle: str = ""
    task: Digest | None = None
    started: float = 0.0
    ended: float | None = None
    state: State = State.RUNNING
    end: str = ""
    image: str = ""
    traceback: str = ""


class Claim(Struct, frozen=True, kw_only=True):
    """A lease on the execution of a key: while it holds, nobody else starts the same work.

    Attributes:
        key: the CacheKey.
        holder: who holds it: unique to a kernel session, `host:pid:start:nonce`.
        attempt: the Attempt that is under way, so that others can attach to it.
        executor: where it runs.
        handle: see Attempt.
        expires: when the lease ends unless it is renewed, in seconds since 1970 by the Catalog's clock.
        label: words for people: the notebook and the step.
    """

    key: Digest
    holder: str
    attempt: str = ""
    executor: str = ""
    handle: str = ""
    expires: float = 0.0
    label: str = ""
