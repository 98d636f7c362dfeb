"""What may make a step's result another each time, and where its code says so. By text alone."""

from __future__ import annotations

import ast

from steppe.analysis.clock import reads_clock
from steppe.analysis.tree import dotted, walk
from steppe.types import Struct

CLOCK = "the clock"
IDENTIFIERS = "random identifiers (uuid)"
ENTROPY = "the system's entropy"
HASHES = "the order of a set, which follows from the hash seed"
LISTINGS = "the order in which a folder is listed"
THREADS = "the order in which threads end"
PROCESS = "the process's id"
ADDRESSES = "addresses in memory"
NAMES = "names of temporary files"
TIMES = "the times of files"
NUMPY = "NumPy's generator without a seed"
PYTHON = "Python's generator without a seed"
TORCH = "torch's generator without a seed"

ENDINGS: dict[str, str] = {
    "os.urandom": ENTROPY,
    "random.SystemRandom": ENTROPY,
    "secrets.*": ENTROPY,
    "uuid.uuid1": IDENTIFIERS,
    "uuid.uuid4": IDENTIFIERS,
    "os.getpid": PROCESS,
    "os.getppid": PROCESS,
    "threading.get_ident": PROCESS,
    "threading.get_native_id": PROCESS,
    "tempfile.*": NAMES,
    "os.listdir": LISTINGS,
    "os.scandir": LISTINGS,
    "os.walk": LISTINGS,
    "glob.*": LISTINGS,
    "futures.as_completed": THREADS,
    "threading.Thread": THREADS,
    "futures.ThreadPoolExecutor": THREADS,
    "path.getmtime": TIMES,
    "path.getctime": TIMES,
    "path.getatime": TIMES,
    "torch.seed": TORCH,
}
"""How dotted names end that stand for a source of chance."""

METHODS = {"iterdir": LISTINGS, "rglob": LISTINGS, "imap_unordered": THREADS, "st_mtime": TIMES, "st_ctime": TIMES}
UNSEEDED = {"default_rng": NUMPY, "RandomState": NUMPY, "SeedSequence": NUMPY, "Random": PYTHON}
"""Generators that take a seed of their own where they are made without one."""

PROVED = frozenset({HASHES, LISTINGS})
"""Sources that an execution under other conditions proves or disproves; their mention alone says nothing."""


class Chance(Struct, frozen=True, kw_only=True):
    """A source of chance.

    Attributes:
        what: in words.
        where: how the code says so; empty where it was only seen to happen.
        line: the line of the cell, from 1, or 0.
    """

    what: str
    where: str = ""
    line: int = 0


def mentions(source: str) -> list[Chance]:
    """Return each source of chance that code mentions, once, in the order of its lines."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return []
    paths = _imported(tree)
    found: dict[str, Chance] = {}
    for node in walk(tree):
        for what in _of(node, paths):
            said = Chance(what=what, where=ast.unparse(node)[:60], line=getattr(node, "lineno", 0))
            if what not in found or said.line < found[what].line:
                found[what] = said
    return sorted(found.values(), key=lambda chance: chance.line)


def listed(source: str, *, backwards: bool) -> str:
    """Return code in which what it lists of folders comes in one order, or its reverse: any is as good."""
    tree = ast.parse(source)
    return ast.unparse(ast.fix_missing_locations(_InOrder(_imported(tree), backwards=backwards).visit(tree)))


class _InOrder(ast.NodeTransformer):
    """Sorts what calls list."""

    def __init__(self, paths: dict[str, str], *, backwards: bool) -> None:
        self.paths = paths
        self.backwards = backwards

    def visit_Call(self, node: ast.Call) -> ast.AST:  # ast's name
        """Put a call that lists into a `sorted(…)`."""
        self.generic_visit(node)
        if not isinstance(node.func, ast.Attribute | ast.Name) or LISTINGS not in _named(node.func, self.paths):
            return node
        options = {"key": ast.Name("str", ast.Load()), "reverse": ast.Constant(self.backwards)}
        words = [ast.keyword(name, value) for name, value in options.items()]
        return ast.Call(ast.Name("sorted", ast.Load()), [node], words)


def _imported(tree: ast.AST) -> dict[str, str]:
    paths: dict[str, str] = {}
    for node in walk(tree):
        if isinstance(node, ast.Import):
            paths |= {name.asname: name.name for name in node.names if name.asname}
        elif isinstance(node, ast.ImportFrom) and node.module:
            paths |= {name.asname or name.name: f"{node.module}.{name.name}" for name in node.names}
    return paths


def _of(node: ast.AST, paths: dict[str, str]) -> list[str]:
    if isinstance(node, ast.Set | ast.SetComp):
        return [HASHES]
    if isinstance(node, ast.Attribute | ast.Name):
        return _named(node, paths)
    return _called(node, paths) if isinstance(node, ast.Call) else []


def _path(node: ast.AST, paths: dict[str, str]) -> tuple[str, ...]:
    chain = dotted(node) or ()
    return (*paths.get(chain[0], chain[0]).split("."), *chain[1:]) if chain else ()


def _named(node: ast.Attribute | ast.Name, paths: dict[str, str]) -> list[str]:
    chain = _path(node, paths)
    if isinstance(node, ast.Attribute) and node.attr in METHODS:
        return [METHODS[node.attr]]
    if len(chain) < 2:
        return []
    known = ENDINGS.get(".".join(chain[-2:])) or ENDINGS.get(f"{chain[-2]}.*")
    if known is not None:
        return [known]
    return [CLOCK] if reads_clock(node, paths.get) else []


def _called(node: ast.Call, paths: dict[str, str]) -> list[str]:
    chain = _path(node.func, paths)
    given = [*node.args, *(option.value for option in node.keywords)]
    nothing = all(isinstance(value, ast.Constant) and value.value is None for value in given)
    if not chain:
        if isinstance(node.func, ast.Attribute) and node.func.attr == "seed" and not given:
            return [TORCH]
        return []
    if chain == ("id",):
        return [ADDRESSES]
    if chain in (("set",), ("frozenset",), ("hash",)):
        return [HASHES]
    if chain[-1] in UNSEEDED and nothing:
        return [UNSEEDED[chain[-1]]]
    return []
