"""Steppe: notebook cells as cached, traced pipeline steps. The public API, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

    from steppe.functions.context import Context
    from steppe.functions.external import ExternalResource as ExternalResource
    from steppe.functions.function import StepFunction
    from steppe.models.exported import ExportedModel
    from steppe.streaming.stream import Stream

_P = ParamSpec("_P")
_R = TypeVar("_R")

__version__ = "0.1.0"
__all__ = [
    "ExternalResource",
    "__version__",
    "checkpoint",
    "context",
    "explore",
    "export_model",
    "inputs_of",
    "langchain_callback",
    "load",
    "load_ipython_extension",
    "log_metric",
    "pipeline",
    "progress",
    "ray_cluster",
    "step",
    "stream",
    "unload_ipython_extension",
]


@overload
def step(function: Callable[_P, _R], /) -> StepFunction[_P, _R]: ...


@overload
def step(**options: Any) -> Callable[[Callable[_P, _R]], StepFunction[_P, _R]]: ...


def step(function: Any = None, /, **options: Any) -> Any:
    """Make a step of a function: cached, traced, and able to run elsewhere, while a call returns its value as before.

        @steppe.step
        def load(path): ...

        @steppe.step(on="process", retries=2, retry_on=(OSError,))
        def train(digits, lr=0.1) -> Model: ...

        model = train(load("digits.csv"), lr=0.05)

    A call whose function, arguments, files and packages are what they were returns the value that is kept. `.submit()`
    gives a future, `.map()` calls it for each of many, `.options()` gives it others for one call. With `cache=False`
    and nothing that sends it elsewhere, a call is only traced, which takes some microseconds.

    Args:
        function: what to make a step of.
        options: those of `%%step`, and `name=`, `retry_on=`, `source=`; see the page on functions.

    Raises:
        steppe.errors.UsageError: an option is unknown, or does not fit.
    """
    from steppe.functions.decorators import decorated

    return decorated("step", function, options)


@overload
def pipeline(function: Callable[_P, _R], /) -> StepFunction[_P, _R]: ...


@overload
def pipeline(**options: Any) -> Callable[[Callable[_P, _R]], StepFunction[_P, _R]]: ...


def pipeline(function: Any = None, /, **options: Any) -> Any:
    """Make a pipeline of a function that calls steps: each call is a run, and runs again what has changed.

        @steppe.pipeline
        def daily(day: str) -> float:
            digits = load(f"{day}.csv")
            return accuracy(train(digits), digits)

    Args:
        function: what to make a pipeline of. Its own code runs each time.
        options: as for `steppe.step`.

    Raises:
        steppe.errors.UsageError: an option is unknown, or does not fit.
    """
    from steppe.functions.decorators import decorated

    return decorated("pipeline", function, options)


def context() -> Context | None:
    """Return what is known of the step that runs: its run, name, key, and what is around it; None outside of steps."""
    from steppe.functions.context import context as found

    return found()


def load(what: str, *, notebook: str | None = None, run: str | None = None) -> Any:
    """Return a value that a step has bound, from any Python process in its project.

        steppe.load("train.model")                       # what the step `train` last bound to `model`
        steppe.load("model", notebook="train.ipynb")     # the step may be left out where only one binds it
        steppe.load("train.model", run="36211d9g2v")     # as it was in that run
        steppe.load("b3:146f2cb9")                       # by its version, or the beginning of one
        steppe.load("production")                        # what `steppe name` lets that point at

    Args:
        what: a step and its variable with a dot between, a variable, a step that binds only one, a name or a version.
        notebook: the notebook's path, file name or id, where several bind that name; in a notebook, its own wins.
        run: a run's id, or its beginning; the latest result when not given.

    Raises:
        steppe.errors.UsageError: nothing is called so, or more than one thing.
        steppe.errors.StoreError: its bytes are no longer there.
    """
    from steppe.loading import load as loaded

    return loaded(what, notebook, run)


def inputs_of(step_run: str, *, trust: bool = False) -> dict[str, Any]:
    """Return what a past step read, by name: its variables, and the functions and classes that it used.

        steppe.inputs_of("36211d9g2v")

    In a kernel where Steppe is on, the kernel is made as it was just before that step: these are bound, modules are
    imported, setup is run, settings and seeded generators are put back. The step's code can then be run, or debugged.

    Args:
        step_run: the step run's id, or its beginning, as `steppe show RUN` tells it.
        trust: whether code may be used that came in a bundle of somebody whom you have not trusted.

    Raises:
        steppe.errors.UsageError: there is no such step run, or something that it needs is not kept; says what.
        steppe.errors.StoreError: the bytes of a value are no longer there.
    """
    from steppe.opening import inputs_of as found

    return found(step_run, trust=trust)


def stream(
    artifact: Any,
    batch_size: int,
    *,
    prefetch: int | str | None = None,
    shuffle: bool | int = False,
    shard: tuple[int, int] | None = None,
    epochs: int | None = 1,
    drop_last: bool = False,
    columns: Iterable[str] | None = None,
    as_: str | None = None,
    notebook: str | None = None,
    run: str | None = None,
) -> Stream:
    """Read a frame or an array in batches of rows, ahead of whoever takes them.

        for batch in steppe.stream("prepare.frame", batch_size=256, shuffle=7):
            train(batch)

        with steppe.stream({"x": "prepare.images", "y": "prepare.labels"}, 64, shuffle=True) as stream:
            for batch in stream.torch().loader(num_workers=2, pin_memory=True):
                train(batch["x"], batch["y"])

    What is stored as an array or a frame is read in ranges, from disk or, while it comes, from a bucket. It tells how
    long it was waited for: `stream.waited`, `stream.stall`, and the step's metrics.

    Args:
        artifact: what `steppe.load` takes, or a value: a frame, an array, a tensor, a list of them that follow each
            other, or a dict of any of these, or a tuple of values, side by side.
        batch_size: rows in a batch.
        prefetch: bytes of batches that wait to be taken, such as `"256MB"`; 64 MiB if not given.
        shuffle: a seed, or True for the seed 0: another order in each epoch, the same whenever it is run.
        shard: which shard of how many, counted from 0; if not given, the rank of this process among those that train
            together (`torch.distributed`, or RANK and WORLD_SIZE), else all of it. Shards differ by one row at most.
        epochs: how often a loop goes through the rows; None for without end.
        drop_last: leave out a last batch that is short.
        columns: of a frame, those to read, in that order.
        as_: what batches are to be: `"numpy"`, `"torch"`, `"pandas"`, `"arrow"` or `"polars"`; if not given, slices of
            what was stored.
        notebook: as for `steppe.load`.
        run: as for `steppe.load`.

    Raises:
        steppe.errors.UsageError: nothing is called so, it has no rows, or an option does not fit.
        steppe.errors.StoreError: its bytes are not there; while it is read, too: they are not sound.
    """
    from steppe.worker.trace import unseen

    with unseen():  # what is imported for it is no affair of the step that asks
        from steppe.streaming.making import stream as made
    return made(
        artifact,
        batch_size=batch_size,
        prefetch=prefetch,
        shuffle=shuffle,
        shard=shard,
        epochs=epochs,
        drop_last=drop_last,
        columns=columns,
        as_=as_,
        notebook=notebook,
        run=run,
    )


def checkpoint(name: str = "last") -> Any:
    """Return the step's checkpoint: what it saves while it runs, and finds again when it is tried again.

        saved = steppe.checkpoint()
        state = saved.load({"epoch": 0, "model": model.state_dict()})
        model.load_state_dict(state["model"])
        for epoch in range(state["epoch"], 100):
            train(model)
            saved.save({"epoch": epoch + 1, "model": model.state_dict()}, step=epoch)

    It is kept in the store, for that very work: same code, same inputs, on any machine. It is gone once the step has
    succeeded, and where the step is refreshed. Outside of a step nothing is kept, and `load` gives what it is given.

    Args:
        name: tells several checkpoints of one step apart.

    Raises:
        steppe.errors.UsageError: the name has other characters than letters, digits, `.`, `_` and `-`.
    """
    from steppe.checkpointing import Checkpoint

    return Checkpoint(name)


def export_model(
    model: Any, sample: Any, to: str = "onnx", *, path: str | None = None, rtol: float = 1e-3, atol: float = 1e-5
) -> ExportedModel:
    """Export a model, run what came out beside the original on a sample, and refuse it where they are not the same.

        exported = steppe.export_model(model, X_test[:200])
        exported                                  # a table: errors of each output, size and latency
        exported.run(X_test)                      # labels, probabilities
        exported.save("model.onnx")

    As a step's variable it is kept as an `.onnx` file, and the latencies as the step's metrics.
    It takes `pip install 'steppe[onnx]'`.

    Args:
        model: a fitted estimator or pipeline of scikit-learn, or a `torch.nn.Module`, as it evaluates.
        sample: rows that the model takes: a frame or an array of shape (rows, columns); for a module a tensor, or a
            tuple of them, with rows first.
        to: `"onnx"`, checked on the CPU; `"tensorrt"`: the same file, checked as TensorRT runs it, where that is there.
        path: where to write the file, too.
        rtol: how much a number may differ, relative to the original's.
        atol: how much it may differ beside that. Labels may not differ at all.

    Raises:
        steppe.errors.InexactModel: it gives something else on the sample; says what, and by how much.
        steppe.errors.UsageError: a package is missing, the model has no such form, or the sample does not fit.
    """
    from steppe.worker.trace import unseen

    with unseen():  # what is imported and measured for it is no affair of the step that asks
        from steppe.models.exporting import export_model as exported

        found = exported(model, sample, to=to, rtol=rtol, atol=atol)
    for name, milliseconds in zip(("original ms", f"{to} ms"), found.latency or (), strict=False):
        log_metric(name, milliseconds)
    if path is not None:
        found.save(path)
    return found


def langchain_callback() -> Any:
    """Return a callback for LangChain that writes each part of a Runnable that runs down as a step.

        chain.invoke(question, config={"callbacks": [steppe.langchain_callback()]})

    It costs what a traced step does, keeps nothing of what goes through the chain, and may serve many calls at once.

    Raises:
        steppe.errors.UsageError: langchain-core is not installed.
    """
    try:
        from steppe.functions.langchain import StepsCallback
    except ModuleNotFoundError as error:
        from steppe.errors import UsageError

        raise UsageError("langchain_callback() needs langchain-core: `pip install langchain-core`.") from error
    return StepsCallback()


def log_metric(name: str, value: Any, step: int | None = None) -> None:
    """Keep a number with the step that runs: wherever it runs, and for each later hit too.

        steppe.log_metric("loss", loss, step=epoch)

    In a cell that is no step it is kept with the session; where there is no Steppe at work, it goes nowhere.

    Args:
        name: of the series.
        value: a number, or what `float()` takes, such as a scalar of numpy or torch.
        step: counts epochs or batches.

    Raises:
        steppe.errors.UsageError: the value is no number.
    """
    from steppe.measuring import log_metric as log

    log(name, value, step)


def explore() -> Any:
    """Pick runs and compare their parameters and metrics: parallel coordinates and scatter plots, in a notebook.

    Raises:
        steppe.errors.UsageError: ipywidgets or Plotly is not installed, or no run has logged a number yet.
    """
    from steppe_magic.explore import explore as picker

    return picker()


def progress(done: Any, total: Any = None, text: str = "") -> None:
    """Say how far the step that runs is: its badge and the sidebar show it, wherever it runs.

        for number, batch in enumerate(batches):
            steppe.progress(number, len(batches), "training")

    It may be called as often as you like: ten times a second it is passed on. It is no part of the step's result.

    Args:
        done: how much is done, in any unit.
        total: how much there is; None where that is not known.
        text: what it is doing.

    Raises:
        steppe.errors.UsageError: one of the two is no number.
    """
    from steppe.measuring import report

    report(done, total, text)


def ray_cluster(
    workers: int | str, *, cpu: float = 1.0, memory: int | str | None = None, gpu: int = 0
) -> AbstractContextManager[str]:
    """Raise a Ray cluster of this machine's processes for a block of code, and take it down after, whatever happens.

        with steppe.ray_cluster(workers=4, gpu=1):
            results = ray.get([fit.remote(shard) for shard in shards])

    Meanwhile `ray.init()`, and Ray code that does without, finds it. It ends with this process, however that ends.

    Args:
        workers: how many; `"1-4"` for as many of them as have room.
        cpu: cores of each worker.
        memory: of each worker, such as `"16Gi"`.
        gpu: GPUs of each worker.

    Raises:
        steppe.errors.UsageError: this machine has no room for it, or Ray is in use already.
    """
    from steppe.worker.trace import unseen

    with unseen():  # what is imported for it is no affair of the step that asks
        from steppe.executors.ray.around import around
    return around({"workers": workers, "cpu": cpu, "memory": memory, "gpu": gpu})


def load_ipython_extension(shell: Any) -> None:
    """Turn Steppe on in an IPython shell; `%load_ext steppe` calls this.

    Args:
        shell: IPython's shell.
    """
    from steppe_magic import load_ipython_extension as load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Turn Steppe off again; `%unload_ext steppe` calls this. What was kept stays.

    Args:
        shell: the shell in which it was turned on.
    """
    from steppe_magic import unload_ipython_extension as unload

    unload(shell)


def __getattr__(name: str) -> Any:
    """Import what is not there from the start when it is first asked for."""
    if name == "ExternalResource":
        from steppe.functions.external import ExternalResource

        return ExternalResource
    if name == "lineage":
        from importlib import import_module

        return import_module("steppe.lineage")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
