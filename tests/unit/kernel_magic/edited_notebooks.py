"""Random notebooks with a project around them, random edits of both, and random orders of running the cells."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from hypothesis import strategies as st

NAMES = {
    "x": ("a", "b", "c"),
    "y": ("a", "b", "c"),
    "d": ("d", "e"),
    "s": ("s", "t"),
    "p": ("p", "q"),
    "q": ("p", "q"),
    "u": ("df", "dg"),
    "v": ("df", "dg"),
    "n": ("n", "m"),
    "m": ("n", "m"),
    "k": ("k", "o"),
    "f": ("f", "g"),
    "col": ("one", "two", "three"),
}
MODULES = {
    "helpers.py": """from pkg import deep
from pkg.deep import Shape
LIMIT = <0>
seen = []
def scaled(x, by=<1>):
    return x * by + deep.offset() + LIMIT
class Box(Shape):
    def area(self):
        return self.side * <2> + super().area()
""",
    "pkg/__init__.py": "SIZE = <3>\n",
    "pkg/deep.py": """import functools
FACTOR = <4>
def offset():
    return FACTOR + inner(<5>)
@functools.lru_cache
def inner(v):
    return v + <6>
class Shape:
    kind = <7>
    def __init__(self, side=1):
        self.side = side
    def area(self):
        return self.side + self.kind
""",
    "data.txt": "<8>\n<9>\n",
    "table.csv": "one,two\n1,<10>\n2,<11>\n",
    "many/one.txt": "<12>",
}
BEGIN = (
    (
        "import os, glob, json, random, functools, copy\nimport numpy as np\nimport pandas as pd\n"
        "from dataclasses import dataclass, field"
    ),
    "a, b, c, n, m = [{i}], [2, 3], [], {j}, 1\nd, e, s, t = {{'u': a, 'v': 1}}, {{}}, {{1, 2}}, {{'x'}}",
    (
        "p, q = np.arange(4.0) + {i}, np.ones(3)\ndf = pd.DataFrame({{'one': [1, {j}, 3], 'two': [1.5, 2.5, 0.0]}})\n"
        "dg = pd.DataFrame({{'one': [3, 1], 'three': ['a', 'b']}}, index=['r', 's'])"
    ),
    (
        "@dataclass\nclass P:\n    x: int = {i}\n    parts: list = field(default_factory=list)\n"
        "    @property\n    def twice(self):\n        return self.x * 2 + {j}\n"
        "class Q(P):\n    shared = []\n    def put(self, v):\n        self.parts.append(v)\n"
        "        self.shared.append(v)\n        return self\nk, o = P(), Q({j}, b)"
    ),
    "def g(v={i}):\n    return v + h()\ndef h():\n    return {j}\nf = lambda: len(a) + {i}",
)
STATEMENTS = (
    "{x} = [{i}, {j}]",
    "{x} = {y}",
    "{x}.append({i})",
    "{x} += [{i}]",
    "{x} = sorted({y})[:{i}]",
    "{x} = [v + {i} for v in {y} if isinstance(v, int)]",
    "{x} = [w := {i}, w + 1]",
    "{d}['u'] = {x}",
    "{d}['n'] = {{'deep': [{x}, {i}]}}",
    "{d}.setdefault('u', []).append({i})",
    "{d} = copy.deepcopy({d})",
    "{d}.update(z={n})",
    "{d}.pop('u', None)",
    "{s}.add({i})",
    "{s} |= {{{i}, {j}}}",
    "{s} = set(map(str, {x}))",
    "{n} = len({x}) + {i}",
    "{n} += {j}",
    "{n} = {m}",
    "{n} = float({m})",
    "del {n}\n{n} = {i}",
    "{f} = functools.partial(max, {i}, {j})",
    "def {f}(v=[{i}]):\n    v.append({n})\n    return list(v)",
    "def {f}():\n    global {n}\n    {n} = {i}\n    return {x}",
    (
        "def make(v):\n    def inner():\n        nonlocal v\n"
        "        v += {i}\n        return v\n    return inner\n{f} = make({j})"
    ),
    "@functools.lru_cache\ndef square(v):\n    return v * v + {i}\n{n} = square({j})",
    (
        "@functools.singledispatch\ndef kind(v):\n    return {i}\n"
        "@kind.register\ndef _k(v: list):\n    return {j}\n{n} = kind({x})"
    ),
    (
        "def twice(g):\n    @functools.wraps(g)\n    def inner(*a):\n        return g(*a), {i}\n"
        "    return inner\n{f} = twice({f})"
    ),
    "{f}()",
    "def h():\n    return {i}",
    "{k} = P({i}, {x})",
    "{k} = Q({i})",
    "{k}.x = {i}",
    "{k}.parts.append({j})",
    "Q.shared.append({i})",
    "P.x = {i}",
    "{k}, {k}.twice, Q.shared",
    "isinstance({k}, P), {x}",
    "{p} = {q}",
    "{p} = {q}[:{i}]",
    "{p} = {q}.astype(np.int32)",
    "{p} = {q}[::-1]",
    "{p} *= {i}",
    "{p}[:1] = {j}",
    "{p}, {q}.strides, np.shares_memory({p}, {q})",
    "{u} = {v}",
    "{u}['{col}'] = {i}",
    "{u} = {v}[['one']]",
    "{u}['one'] = {u}['one'] * {i}",
    "{u}.loc[{u}.index[0], 'one'] = {j}",
    "{u} = {v}.rename(columns={{'one': 'one', 'two': 'three'}})",
    "{u}['{col}'] = pd.Categorical(['a'] * len({u}), categories=['a', 'b'], ordered=bool({i}))",
    "{u}.index = range({i}, {i} + len({u}))",
    "{u}.sort_values('one', inplace=True)",
    "{u}.attrs['n'] = {i}",
    "{u}.dtypes, {u}.shape",
    "{u}",
    "random.seed({i})\n{n} = random.randint(0, 99)",
    "np.random.seed({i})",
    "np.random.seed({i})\n{p} = np.random.rand(3)",
    "rng = np.random.default_rng({i})\n{p} = rng.random(2)",
    "with open('out.txt', 'w') as h_:\n    h_.write(str({x}))\ndel h_",
    "with open('out.txt', 'a') as h_:\n    h_.write('{i}')\ndel h_",
    "open('out.txt').read() if os.path.exists('out.txt') else 'none'",
    "{x} = [int(v) for v in open('data.txt')]",
    "{u} = pd.read_csv('table.csv')",
    "{u}.to_csv('many/t.csv')",
    "{x} = sorted(glob.glob('many/*.txt'))",
    "{n} = len(os.listdir('many'))",
    "open('many/{i}.txt', 'w').close()",
    "{n} = int(os.environ.get('FUZZ', '0')) + {i}",
    "os.environ['FUZZ'] = '{i}'",
    "import helpers\n{n} = helpers.scaled({i})",
    "from helpers import Box\n{k} = Box({i})\n{n} = {k}.area()",
    "import pkg.deep as pd_\n{n} = pd_.offset()",
    "from pkg import *\nimport pkg\n{n} = pkg.SIZE",
    "import helpers\nhelpers.LIMIT = {i}",
    "import helpers\nhelpers.seen.append({i})\n{x} = list(helpers.seen)",
    "import pkg.deep\npkg.deep.FACTOR = {i}",
    "import helpers\n{f} = helpers.scaled\n{n} = {f}({i})",
    "globals()['{n}'] = {i}",
    "exec('{n} = {m} + {i}')",
    "{n} = eval('{m} + {j}')",
    "try:\n    {x}.remove({i})\nexcept ValueError as error:\n    print('no', error)",
    "{x}.append({i})\nraise ValueError({j})",
    "print({x}, {n}, {i})",
    "display({x})",
    "{n} = _",
    "{x}",
    "{s} == {{1, 2}}, {n}",
    "gen = (v * {i} for v in {x})",
    "{x} = list(gen) if 'gen' in globals() else []",
    "import asyncio\nawait asyncio.sleep(0)\n{n} = {i}",
    "%precision {i}",
    "pd.set_option('display.precision', {i} + 1)",
    "np.set_printoptions(precision={i} + 1)",
    "if {n} % 2:\n    {x} = [{i}]\nelse:\n    {m} = {j}",
    "for {n} in range({i}):\n    {x}.append({n})",
    "print(json.dumps(sorted(map(str, {d}.items()))))",
)


@dataclass(frozen=True)
class Statement:
    """A template and what fills it."""

    template: str
    filling: tuple[tuple[str, str | int], ...]

    def __str__(self) -> str:
        return self.template.format(**dict(self.filling))


@dataclass(frozen=True)
class Cell:
    """Statements; whether it is a step where steps are mixed with plain cells."""

    id: str
    statements: tuple[Statement, ...]
    step: bool = True

    def __str__(self) -> str:
        return "\n".join(map(str, self.statements))


@dataclass(frozen=True)
class Project:
    """Cells in the order in which they run, and what is around the notebook."""

    cells: tuple[Cell, ...]
    numbers: tuple[int, ...] = tuple(range(13))
    variable: str | None = None
    extra: tuple[str, ...] = field(default=())

    def lay(self, folder: Path) -> None:
        """Write the project's files."""
        for name, text in MODULES.items():
            for number, value in enumerate(self.numbers):
                text = text.replace(f"<{number}>", str(value))
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text)
        for name in self.extra:
            (folder / name).write_text("extra")


@st.composite
def statements(draw: st.DrawFn, template: str | None = None) -> Statement:
    """A statement over names of the right kinds."""
    chosen = template or draw(st.sampled_from(STATEMENTS))
    filling: dict[str, str | int] = {}
    for key, names in NAMES.items():
        if "{" + key + "}" in chosen:
            filling[key] = draw(st.sampled_from(names))
    for key in "ij":
        if "{" + key in chosen:
            filling[key] = draw(st.integers(0, 3))
    return Statement(chosen, tuple(filling.items()))


@st.composite
def projects(draw: st.DrawFn, mixed: bool = False) -> Project:
    """A notebook whose names all exist from its beginning, so that most cells run to their end."""
    begin = [Cell(f"b{n}", (draw(statements(text)),)) for n, text in enumerate(BEGIN)]
    rest = [
        Cell(f"c{n}", tuple(found), step=not mixed or draw(st.booleans()))
        for n, found in enumerate(
            draw(st.lists(st.lists(statements(), min_size=1, max_size=3), min_size=2, max_size=8))
        )
    ]
    return Project((*begin, *rest))


@st.composite
def edits(draw: st.DrawFn, project: Project) -> Project:
    """The project after one edit of a cell, of the cells' order, of a file, a module or the environment."""
    cells = list(project.cells)
    kind = draw(
        st.sampled_from(
            ("number", "number", "replace", "delete", "insert", "move", "again", "file", "file", "env", "extra")
        )
    )
    at = draw(st.integers(0, len(cells) - 1))
    cell = cells[at]
    if kind == "file":
        numbers = list(project.numbers)
        numbers[draw(st.integers(0, len(numbers) - 1))] += draw(st.integers(20, 22))
        return replace(project, numbers=tuple(numbers))
    if kind == "env":
        return replace(project, variable=draw(st.sampled_from(("1", "7"))))
    if kind == "extra":
        return replace(project, extra=(*project.extra, draw(st.sampled_from(("many/new.txt", "out.txt", "other.py")))))
    if kind == "number":
        one = draw(st.integers(0, len(cell.statements) - 1))
        changed = [
            (key, (value + draw(st.integers(1, 2)) if isinstance(value, int) else value))
            for key, value in cell.statements[one].filling
        ]
        made = replace(cell.statements[one], filling=tuple(changed))
        cells[at] = replace(cell, statements=(*cell.statements[:one], made, *cell.statements[one + 1 :]))
    elif kind == "replace":
        cells[at] = replace(cell, statements=(*cell.statements, draw(statements())))
    elif kind == "delete" and at >= len(BEGIN):
        del cells[at]
    elif kind == "insert":
        cells.insert(max(at, len(BEGIN)), Cell("new", (draw(statements()),), cell.step))
    elif kind == "move" and at >= len(BEGIN):
        cells.insert(draw(st.integers(len(BEGIN), len(cells) - 1)), cells.pop(at))
    elif kind == "again":
        cells.append(replace(cell, id=draw(st.sampled_from((cell.id, "again")))))
    return replace(project, cells=tuple(cells))


@st.composite
def histories(draw: st.DrawFn) -> list[Project]:
    """A notebook, it edited once or twice, and it as it was; a few run cells out of order, or only some as steps."""
    first = draw(projects(mixed=draw(st.booleans())))
    if draw(st.booleans()):
        order = draw(st.lists(st.integers(1, len(first.cells) - 1), max_size=5))
        first = replace(first, cells=(*first.cells, *(first.cells[at] for at in order)))
    second = draw(edits(first))
    if draw(st.booleans()):
        second = draw(edits(second))
    return [first, second, first]
