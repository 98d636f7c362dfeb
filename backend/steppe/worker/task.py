"""The Task: all that is needed to execute a step without its notebook, and the record that an attempt leaves."""

from __future__ import annotations

from steppe.types import Digest, Observation, Part, Shown, Struct
from steppe.worker.execution import Intent
from steppe.worker.luggage import Luggage
from steppe.worker.packages import Packages


class SetupCell(Struct, frozen=True, kw_only=True):
    """A cell that acts on libraries, run in the worker before the step.

    Attributes:
        source: its source, as Python.
        filename: how tracebacks call it.
    """

    source: str
    filename: str = ""


class ElementTask(Struct, frozen=True, kw_only=True):
    """One element of a fan-out, as a worker is told of it.

    Attributes:
        index: which one, from 0.
        key: its CacheKey, or None.
        versions: the versions of what it binds, as its key has them.
        seed: as in Intent.
        reach: likewise, of its own texts.
        checkpoints: whose checkpoints are its own: one name for all tries of it.
    """

    index: int
    key: Digest | None = None
    versions: dict[str, Digest] = {}
    seed: int | None = None
    reach: tuple[tuple[str, str], ...] = ()
    checkpoints: str = ""


class Task(Struct, frozen=True, kw_only=True):
    """One step, ready to run anywhere. Stored as MessagePack; it carries its key, workers never compute one.

    Attributes:
        label: words for people: the notebook and the step.
        key: the CacheKey, or None for a step that is not cached.
        source: the cell, as Python.
        number: the execution count that tracebacks show for it.
        filename: what the kernel calls the cell's file; tracebacks and warnings show it.
        filenames: how it names the files of cells, with `{}` for the digest of their text; empty for IPython's own way.
        interactivity: which expressions show their values, as IPython calls it.
        intent: what is known of the cell.
        inputs: the variables that it reads, their code included; and what modules of the project hold, by
            `module:place`.
        versions: of these variables, as its key has them: where they come out otherwise in the worker, the step can't
            run there.
        modules: variables bound to modules.
        imports: modules that the notebook has imported and that may matter without a name.
        setup: the setup that was run before it, in order.
        state: ambient settings and states of seeded generators, as one Part.
        seeded: generators that the notebook has seeded.
        flags: the compiler flags of the session.
        root: the project's root on the machine that made the task.
        start: the directory that the notebook began in.
        formats: MIME types to compute for values; empty for all.
        colors: how the kernel colours its tracebacks.
        figures: the formats in which the kernel shows figures as values; empty where it does not.
        likeness: the class of the kernel's shell, as `module.name`.
        renderer: how Plotly shows figures in the kernel; empty where it is not loaded.
        returns: whether the kernel runs the step instead where what it leaves can't come back; what it did to files is
            undone then.
        luggage: what goes along to where the project is not.
        packages: the packages that it needs, for where they may be others than here.
        checkpoints: whose checkpoints are its own: one name for all tries of the same work.
        elements: the elements that the cell is run for, one after another; none where it is run once as it is.
        bound: what these bind the loop's variables to: a list of dicts, under the name ELEMENTS; None where they are
            among the inputs.
        streamed: the variables that it streams and uses for nothing else: they need not be loaded.
    """

    label: str
    key: Digest | None = None
    source: str
    number: int = 1
    filename: str = ""
    filenames: str = ""
    interactivity: str = "last_expr"
    intent: Intent
    inputs: tuple[Part, ...] = ()
    versions: dict[str, Digest] = {}
    modules: dict[str, str] = {}
    imports: tuple[str, ...] = ()
    setup: tuple[SetupCell, ...] = ()
    state: Part | None = None
    seeded: tuple[str, ...] = ()
    flags: int = 0
    root: str = ""
    start: str = ""
    formats: tuple[str, ...] = ()
    colors: str = "neutral"
    figures: tuple[str, ...] = ()
    likeness: str = ""
    renderer: str = ""
    returns: bool = False
    luggage: Luggage | None = None
    packages: Packages | None = None
    checkpoints: str = ""
    elements: tuple[ElementTask, ...] = ()
    bound: Part | None = None
    streamed: tuple[str, ...] = ()


ELEMENTS = "elements"
"""The name under which a chunk's elements are stored."""


class Failure(Struct, frozen=True, kw_only=True):
    """An error that the user's code raised.

    Attributes:
        kind: the error's class, as `module.qualname`.
        text: its message.
        traceback: the lines that IPython shows.
        pickled: the error itself, where it can be pickled.
    """

    kind: str
    text: str
    traceback: tuple[str, ...] = ()
    pickled: bytes | None = None


class ElementRecord(Struct, frozen=True, kw_only=True):
    """What became of one element.

    Attributes:
        index: which one.
        key: its CacheKey, or None: a later kernel enters what this one could not.
        status: `succeeded`, `failed` (its code raised), `unmovable` (what it left can't be stored) or `refused` (it
            changed what the others see).
        blob: where its Result is.
        start: where in that blob it begins.
        stop: where it ends.
        reasons: why the result can't be cached, in words.
        failure: the error.
        shown: what it showed before it failed.
        trace: what it was seen to read before it failed, where files go along that nobody may have foreseen.
        seconds: how long its code ran.
        checkpoints: the records of its checkpoints, which nobody needs once it has succeeded.
    """

    index: int
    key: Digest | None = None
    status: str = "succeeded"
    blob: Digest | None = None
    start: int = 0
    stop: int = 0
    reasons: tuple[str, ...] = ()
    failure: Failure | None = None
    shown: tuple[Shown, ...] = ()
    trace: tuple[Observation, ...] = ()
    seconds: float = 0.0
    checkpoints: tuple[str, ...] = ()


class AttemptRecord(Struct, frozen=True, kw_only=True):
    """What an attempt leaves in the Store, written once: `attempts/<attempt>/result`.

    Attributes:
        status: `succeeded`, `failed` (the user's code raised), `unmovable` (its outputs can't leave the worker, or
            what it needs can't be set up there) or `elsewhere` (another of its nodes has failed: nobody reads that).
        result: the Result's blob; what was bound before the error, for a failure.
        reasons: why the result can't be cached, in words.
        failure: the error.
        used: what was used at the peak.
        ended: seconds since 1970.
        ran: whether its code was run.
        left: files that it changed, and that could not be put back as they were, each with the reason, in words: it
            can't run again elsewhere as if it had never begun.
        checkpoints: the records of its checkpoints, which nobody needs once it has succeeded.
        elements: what became of each element, where the task had some.
    """

    status: str
    result: Digest | None = None
    reasons: tuple[str, ...] = ()
    failure: Failure | None = None
    used: dict[str, float] = {}
    ended: float = 0.0
    ran: bool = True
    left: tuple[str, ...] = ()
    checkpoints: tuple[str, ...] = ()
    elements: tuple[ElementRecord, ...] = ()


def record_name(attempt: str) -> str:
    """Return the name of an attempt's record."""
    return f"attempts/{attempt}/result"
