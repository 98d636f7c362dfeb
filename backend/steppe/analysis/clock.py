"""Code that asks the world for something new each time: the clock, entropy, the person at the keyboard."""

from __future__ import annotations

import ast
from collections.abc import Callable

from steppe.analysis.tree import dotted, text_of, walk

ENDINGS: frozenset[tuple[str, ...]] = frozenset(
    tuple(path.split("."))
    for line in (
        "time.time time.time_ns time.ctime time.localtime time.gmtime time.asctime time.clock_gettime",
        "datetime.now datetime.utcnow datetime.today date.today Timestamp.now Timestamp.today Timestamp.utcnow",
        "uuid.uuid1 uuid.uuid4 uuid.uuid6 uuid.uuid7 os.urandom os.getrandom getpass.getpass",
        "random.SystemRandom timeit.default_timer timeit.timeit timeit.repeat",
        "pendulum.now pendulum.today arrow.now arrow.utcnow ulid.new ulid.ULID",
    )
    for path in line.split()
)
"""How the dotted names of such functions end."""

ALONE = frozenset(
    {"perf_counter", "perf_counter_ns", "monotonic", "monotonic_ns", "process_time", "process_time_ns", "thread_time"}
    | {"thread_time_ns", "time_ns", "utcnow", "uuid1", "uuid4", "urandom", "getrandom", "SystemRandom"}
    | {"default_timer", "token_hex", "token_bytes", "token_urlsafe", "randbits"}
)
"""Last names that say it whatever stands before them."""

CALLED = frozenset({"input", "time", "raw_input", "getpass"})
"""Names that say it where they are called as they stand."""

NOW = frozenset({"now", "today"})
WITH_ARGUMENT = frozenset({"time.ctime", "time.localtime", "time.gmtime", "time.asctime", "time.strftime"})
"""Functions that only read the clock when they are not given a time."""


def reads_clock(node: ast.AST, where: Callable[[str], str | None] = lambda _: None) -> str:
    """Return the first thing in `node` that is new each time, as it is written there; empty where there is none.

    Functions inside `node` count.

    Args:
        node: a cell's tree, or a function.
        where: tells the dotted path of the module, or of the function of a module, that a name is bound to.
    """
    given: set[ast.AST] = set()
    found: list[tuple[int, int, str]] = []
    for part in walk(node):
        if isinstance(part, ast.Call):
            what = _call(part, where)
            if (part.args or part.keywords) and ".".join(dotted(part.func) or ()) in WITH_ARGUMENT:
                given.add(part.func)
        elif isinstance(part, ast.Attribute | ast.Name):
            what = "" if isinstance(part.ctx, ast.Store | ast.Del) else _chain(part, where)
        else:
            continue
        if what and part not in given:
            found.append((part.lineno, part.col_offset, what))
    return min(found)[2] if found else ""


def _path(node: ast.AST, where: Callable[[str], str | None]) -> tuple[str, ...]:
    """Return the dotted path that a chain of names stands for, as far as it is known."""
    chain = dotted(node) or ()
    known = where(chain[0]) if chain else None
    return (*known.split("."), *chain[1:]) if known else chain


def _chain(node: ast.Attribute | ast.Name, where: Callable[[str], str | None]) -> str:
    """Judge a dotted name."""
    path = _path(node, where)
    if isinstance(node, ast.Name) and path == (node.id,):
        return node.id if node.id in ALONE else ""
    bad = path[-2:] in ENDINGS or (bool(path) and path[-1] in ALONE) or (len(path) > 1 and path[-2] == "secrets")
    return ".".join(dotted(node) or ()) if bad else ""


def _call(node: ast.Call, where: Callable[[str], str | None]) -> str:
    """Judge a call by its name or its argument."""
    chain = dotted(node.func)
    if not chain:
        return ""
    if len(chain) == 1 and chain[0] in CALLED and not (chain[0] == "time" and (node.args or where("time") is not None)):
        return f"{chain[0]}()"
    path = _path(node.func, where)
    if path[-2:] == ("time", "strftime") and len(node.args) < 2:
        return ".".join(chain)
    if path[-1] in ("datetime64", "to_datetime", "Timestamp") and node.args and text_of(node.args[0]) in NOW:
        return f'{".".join(chain)}("{text_of(node.args[0])}")'
    return ""
