"""The options of a step: what each takes, in one table, and the record that they make together."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from steppe.analysis import loops, quantities
from steppe.analysis.option import Option, as_text
from steppe.analysis.pod_options import BY_NAME as OF_CLUSTERS
from steppe.analysis.pod_options import split
from steppe.analysis.tree import BROKEN, parse_expression
from steppe.errors import BadOption, UnknownOption
from steppe.types import Resources, Struct

Never: TypeAlias = Literal["never"]

MOST = 1000
"""Nodes that one step may ask for: each begins only once all are there."""


def _seed(value: object) -> int | str | None:
    if isinstance(value, str) and value.strip().lower() == "none":
        return "none"
    number = quantities.whole(value)
    return number if number is not None and 0 <= number < 2**32 else None


def _cores(value: object) -> float | None:
    number = quantities.number(value)
    return number if number is not None and number > 0 else None


def _count(value: object) -> int | None:
    number = quantities.whole(value)
    return number if number is not None and number >= 0 else None


def _several(value: object) -> int | None:
    number = quantities.whole(value)
    return number if number is not None and 1 <= number <= MOST else None


def workers(value: object) -> tuple[int, int] | None:
    """Return the fewest and the most of what is written as `4` or `1-4`."""
    fewest, dash, most = str(value).partition("-") if isinstance(value, str) else ("", "", "")
    if dash:
        least, largest = _several(fewest.strip()), _several(most.strip())
        return (least, largest) if least is not None and largest is not None and least <= largest else None
    count = _several(value)
    return None if count is None else (count, count)


def _env(value: object) -> str | None:
    return value if isinstance(value, str) and value in ("imports", "lock", "ignore") else None


def _names(value: object) -> tuple[str, ...] | None:
    names = quantities.words(value)
    if names is None or not all(name.isidentifier() and not keyword.iskeyword(name) for name in names):
        return None
    return tuple(dict.fromkeys(names))


def _expression(value: object) -> str | None:
    text = as_text(value)
    try:
        parse_expression(text or "")
    except BROKEN:
        return None
    return text


OPTIONS: tuple[Option, ...] = (
    Option("on", as_text, "name an executor: inline, process, kubernetes or ray", "on=process", "where it runs"),
    Option("cpu", _cores, "give a number of cores above 0, such as 2 or 0.5", "cpu=4", "cores that it may use"),
    Option(
        "memory",
        quantities.size,
        "give a size, such as 16Gi, 500M or 2GB",
        "memory=16Gi",
        "memory that it may use (Gi = 2³⁰ bytes, G or GB = 10⁹)",
    ),
    Option("gpu", _count, "give a whole number of GPUs, 0 or more", "gpu=1", "GPUs that it needs for itself"),
    Option(
        "nodes",
        _several,
        f"give a whole number of nodes, 1 to {MOST}",
        "nodes=4",
        "how many pods run it together, each with these cores, memory and GPUs, on a cluster",
    ),
    Option(
        "workers",
        workers,
        f"give a whole number of workers, 1 to {MOST}, or a range such as 1-4",
        "workers=4",
        "how many workers the Ray cluster has that is raised for it, each with these cores, memory and GPUs",
    ),
    Option("image", as_text, "name a container image", "image=registry/steps:1", "what its pod runs, on a cluster"),
    Option(
        "retries", _count, "give a whole number, 0 or more", "retries=2", "how often it is tried again after an error"
    ),
    Option(
        "timeout",
        quantities.duration,
        "give a duration, such as 90s, 5m or 2h, or never",
        "timeout=2h",
        "how long one try may take",
    ),
    Option("cache", quantities.truth, "give true or false", "cache=false", "whether a result is kept and used again"),
    Option(
        "expires",
        quantities.duration,
        "give a duration, such as 12h or 1d, or never",
        "expires=1d",
        "how long a result holds; needed where the step asks the network, a process or the clock",
    ),
    Option(
        "source",
        _expression,
        "give a Python expression, in {braces} or quotes",
        "source={max(table.updated)}",
        "a cheap expression that changes when what the step fetches has changed: its value is an input",
    ),
    Option(
        "files",
        quantities.words,
        "give paths or patterns with commas between them",
        "files=data/*.csv,model.bin",
        "files that it reads in ways that can't be observed",
    ),
    Option(
        "inputs",
        _names,
        "give names of variables with commas between them",
        "inputs=df,lr",
        "what it reads, instead of what its code shows",
    ),
    Option(
        "outputs",
        _names,
        "give names of variables with commas between them",
        "outputs=model",
        "what it leaves behind, instead of all that it binds",
    ),
    Option(
        "map",
        loops.read_map,
        'give one loop, such as map="f in files"; a grid is sweep="lr in [.1, .01], depth in [2, 4]"',
        'map="f in files"',
        "runs the body once for each element, each cached by itself",
    ),
    Option(
        "sweep",
        loops.read_sweep,
        'give names and their values, such as sweep="lr in [.1, .01], depth in [2, 4]"',
        'sweep="lr in [.1, .01]"',
        "runs the body once for each point of a grid, and shows a table of its metrics",
    ),
    Option(
        "gather",
        loops.read_gather,
        "give names of variables with commas between them, each as it is or with `:frame`",
        "gather=scores,rows:frame",
        "of a loop: what comes back, as a list in the elements' order or as one frame; if not given, all that its body "
        "surely assigns",
    ),
    Option(
        "env",
        _env,
        "give imports, lock or ignore",
        "env=lock",
        "which packages' versions are in its key: those it imports, all, or none",
    ),
    Option(
        "seed",
        _seed,
        "give a whole number from 0 to 4294967295, or none",
        "seed=7",
        "seed of the random generators; none leaves them as they are",
    ),
    Option(
        "setup",
        quantities.truth,
        "give true or false",
        "setup=true",
        "whether it configures the session, and so always runs",
    ),
    Option("wait", quantities.truth, "give true or false", "wait=false", "whether the cell waits for it"),
    Option(
        "profile",
        as_text,
        "name a table of [tool.steppe.profiles]",
        "profile=big",
        "a named set of options; the line's own win",
    ),
)
"""Every option of `%%step`, in the order in which help shows them."""

BY_NAME: dict[str, Option] = {option.name: option for option in OPTIONS}
RESOURCES = ("cpu", "memory", "gpu", "nodes", "workers", "fewest")


class Options(Struct, frozen=True, kw_only=True):
    """What a step was told. None where nothing was said.

    Attributes:
        name: the step's name.
        on: the executor.
        resources: cores, bytes, GPUs, nodes and workers, with the defaults of `Resources` where nothing was said.
        image: what its pod runs, where the step itself says so.
        retries: how often it is tried again.
        timeout: seconds for one try.
        cache: whether results are kept and used.
        expires: seconds for which a result holds.
        source: an expression whose value is an input.
        files: paths and patterns of files that it reads.
        inputs: names that it reads.
        outputs: names that it leaves behind.
        map: a loop, whose body the cell is; see `loops.loop_of`.
        sweep: a grid, likewise; see `loops.grid_of`.
        gather: what comes back of a loop, or None for all that its body surely assigns.
        env: `imports`, `lock` or `ignore`.
        seed: of the random generators; `none` leaves them as they are.
        setup: whether it always runs.
        wait: whether the cell waits for it.
        profile: the profile that was merged in.
        pod: what only a cluster needs, as `pod_options` reads it.
        given: the options that were given, by the line or the profile, sorted.
    """

    name: str | None = None
    on: str | None = None
    resources: Resources = Resources()
    image: str | None = None
    retries: int | None = None
    timeout: float | Never | None = None
    cache: bool | None = None
    expires: float | Never | None = None
    source: str | None = None
    files: tuple[str, ...] = ()
    inputs: tuple[str, ...] | None = None
    outputs: tuple[str, ...] | None = None
    map: str | None = None
    sweep: str | None = None
    gather: tuple[loops.Gathering, ...] | None = None
    env: str | None = None
    seed: int | Literal["none"] | None = None
    setup: bool | None = None
    wait: bool | None = None
    profile: str | None = None
    pod: dict[str, Any] = {}
    given: tuple[str, ...] = ()


def checked(mapping: Mapping[str, object]) -> dict[str, Any]:
    """Return options by key, each as the value that it has.

    Args:
        mapping: what was written on the line, in a cell's metadata, or in TOML.

    Raises:
        UnknownOption: a key is no option; names the nearest.
        BadOption: a value does not fit.
    """
    for key in mapping:
        if key not in BY_NAME:
            raise UnknownOption(str(key), BY_NAME)
    values: dict[str, Any] = {}
    for key, raw in mapping.items():
        option = BY_NAME[key]
        values[key] = option.read(raw)
        if values[key] is None:
            raise BadOption(key, raw, option.wanted)
    return values


def from_mapping(
    mapping: Mapping[str, object], *, name: str | None = None, profile: Mapping[str, object] | None = None
) -> Options:
    """Return the options of a step.

    Args:
        mapping: what was said at the step itself: on its line, or in its cell's metadata.
        name: the step's name.
        profile: the profile that it names: `mapping` wins over it.

    Raises:
        UnknownOption: a key is no option; names the nearest.
        BadOption: a value does not fit.
    """
    below, pod = split(profile or {})
    for key in below:
        if key not in BY_NAME:  # a key of a profile may be meant for a cluster, too
            raise UnknownOption(key, {*BY_NAME, *(name.replace("_", "-") for name in OF_CLUSTERS)})
    values = {**checked(below), **checked(mapping)}
    given = tuple(sorted(values))
    if "image" in values:
        pod["image"] = values["image"]
    loops.check(values)
    if values.get("setup") and values.get("nodes", 1) > 1:
        raise BadOption("nodes", values["nodes"], "a setup cell runs in the kernel: give it or setup=true")
    if "workers" in values:
        _check_workers(values)
        fewest, most = values.pop("workers")
        values |= {"workers": most, "fewest": fewest}
    resources = Resources(**{key: values.pop(key) for key in RESOURCES if key in values})
    return Options(name=name, resources=resources, given=given, pod=pod, **values)


def _check_workers(values: Mapping[str, Any]) -> None:
    said = "-".join(map(str, sorted(set(values["workers"]))))
    if values.get("setup"):
        raise BadOption("workers", said, "a setup cell runs in the kernel: give it or setup=true")
    if values.get("nodes", 1) > 1:
        raise BadOption("workers", said, "nodes= runs the code itself several times: give one of the two")
    if "map" in values or "sweep" in values:
        raise BadOption("workers", said, "each element would raise a cluster: start Ray's tasks in the body instead")


def help_rows() -> list[tuple[str, str, str]]:
    """Return each option's name, an example, and what it does, for help and docs."""
    return [(option.name, option.example, option.about) for option in OPTIONS]
