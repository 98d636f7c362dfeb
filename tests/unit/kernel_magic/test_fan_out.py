"""Fan-outs in the kernel: what a loop leaves and shows, which elements hit, what is refused, and what is told."""

from __future__ import annotations

import pytest

SCORE = '%%step score map="x in xs"\n'


def elements(notebook):
    """Return how many elements of the last step hit, ran and failed."""
    found = notebook.steps[-1].elements
    return found["hits"], found["ran"], found["failed"]


def test_values_and_outputs_are_those_of_a_for_loop(notebook):
    notebook.run("xs = [3, 1, 2]\nimport sys")
    body = "print('at', x)\nprint('bad', x, file=sys.stderr)\ny = x * 10\ny"
    plain = notebook.run("ys = []\nfor x in xs:\n    " + body.replace("\n", "\n    ") + "\n    ys.append(y)\ndel x, y")
    first = notebook.run(SCORE + body)
    assert first == plain
    assert notebook["y"] == notebook["ys"] == [30, 10, 20]
    assert "x" not in notebook.shell.user_ns
    notebook.restart().run("xs = [3, 1, 2]\nimport sys")
    assert notebook.run(SCORE + body) == plain
    assert (notebook.states, elements(notebook)) == (["hit"], (3, 0, 0))
    assert notebook["y"] == [30, 10, 20]


def test_a_variable_of_the_loop_s_name_stays_what_it_was(notebook):
    notebook.run("xs = [1, 2]\nx = 'mine'\ny = 'old'\nt = 'kept'")
    notebook.run('%%step score map="x in xs" gather=y\nt = x\ny = t')
    assert (notebook["x"], notebook["y"], notebook["t"]) == ("mine", [1, 2], "kept")


def test_ten_more_elements_run_ten(notebook):
    notebook.run("xs = list(range(100))")
    notebook.run(SCORE + "y = x + 1")
    notebook.run("xs = list(range(-5, 105))")
    notebook.run(SCORE + "y = x + 1")
    assert elements(notebook) == (100, 10, 0)
    assert notebook["y"] == list(range(-4, 106))
    assert "110 elements: 100 hits, 10 ran; not run before: 0 (-5), 1 (-4)" in notebook.why


SETUP = (
    "xs = ['a.txt', 'b.txt']\nk = 1\ndef f(x): return len(x) + k\n"
    "open('a.txt', 'w').write('1')\nopen('b.txt', 'w').write('2')"
)
ROWS = [
    # what, the body, what changes, the body then, hits and runs
    ("nothing", "y = f(x)", "pass", "y = f(x)", (2, 0)),
    ("a comment", "y = f(x)", "pass", "y = f(x)  # one", (2, 0)),
    ("the code", "y = f(x)", "pass", "y = f(x) + 1", (0, 2)),
    ("a global that the body reads through a function", "y = f(x)", "k = 2", "y = f(x)", (0, 2)),
    ("a function that it calls", "y = f(x)", "def f(x): return 5 + k", "y = f(x)", (0, 2)),
    ("a global that it does not read", "y = x", "k = 2", "y = x", (2, 0)),
    ("the file of one element", "y = open(x).read()", "open('a.txt', 'w').write('3')", "y = open(x).read()", (1, 1)),
    ("the order", "y = x", "xs = xs[::-1]", "y = x", (2, 0)),
    ("an element that is gone", "y = x", "xs = xs[:1]", "y = x", (1, 0)),
    ("an element twice", "y = x", "xs = [*xs, 'a.txt']", "y = x", (3, 0)),
    ("the list that the body reads as a whole", "y = len(xs)", "xs = [*xs, 'c']", "y = len(xs)", (2, 1)),
    ("one for 1.0 and True", "y = repr(x)", "xs = ['a.txt', 1, 1.0, True, '1']", "y = repr(x)", (1, 4)),
    ("a set for the list", "y = x", "xs = dict.fromkeys(xs)", "y = x", (2, 0)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "change", "after", "counts"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_the_key_of_an_element_is_all_that_it_depends_on(notebook, before, change, after, counts):
    notebook.run(SETUP)
    notebook.run(SCORE + before)
    assert elements(notebook)[1] == (1 if "len(xs)" in before else 2)
    notebook.restart().run(SETUP)
    notebook.run(change)
    notebook.run(SCORE + after)
    assert elements(notebook)[:2] == counts, notebook.why
    fanned = notebook["y"]
    notebook.run(f"ys = []\nfor x in xs:\n    {after}\n    ys.append(y)")
    assert list(map(repr, fanned)) == list(map(repr, notebook["ys"]))


def test_elements_that_share_parts_with_what_is_read_are_told_apart(notebook):
    notebook.run("a, b = [1], [1]\nxs = [a, b, [1]]")
    notebook.run(SCORE + "y = (x is a, x is b)")
    assert elements(notebook) == (0, 3, 0)
    assert notebook["y"] == [(True, False), (False, True), (False, False)]


def test_parts_of_elements_come_back_as_the_elements_own(notebook):
    for _ in range(2):
        notebook.run("xs = [[1], [2]]")
        notebook.run(SCORE + "y = {'x': x}")
        assert all(made["x"] is x for made, x in zip(notebook["y"], notebook["xs"], strict=True))
    assert elements(notebook) == (2, 0, 0)


def test_classes_functions_and_frames_are_elements_too(notebook):
    cell = (
        "import pandas as pd\nfrom dataclasses import dataclass\n@dataclass\nclass C:\n    n: int\n"
        "    def twice(self): return self.n * 2\n"
        "fs = [len, lambda v: 7]\ncs = [C(1), C(2), 3]\nds = [pd.DataFrame({'a': [n]}) for n in range(2)]"
    )
    for hits in (0, 1):
        notebook.restart().run(cell)
        notebook.run('%%step f map="f in fs"\nr = f([1, 2])')
        assert (notebook["r"], elements(notebook)) == ([2, 7], (2 * hits, 2 - 2 * hits, 0))
        notebook.run('%%step c map="c in cs"\nt = c.twice() if isinstance(c, C) else c')
        assert (notebook["t"], elements(notebook)) == ([2, 4, 3], (3 * hits, 3 - 3 * hits, 0))
        notebook.run('%%step d map="i, d in enumerate(ds)" gather=rows:frame,n\nrows = d + i\nn = len(d)')
        assert notebook["rows"].a.tolist() == [0, 2]
        assert (notebook["n"], elements(notebook)) == ([1, 1], (2 * hits, 2 - 2 * hits, 0))


def test_a_frame_of_what_is_none_is_refused_by_name(notebook):
    notebook.run("xs = [1]")
    out = notebook.run('%%step s map="x in xs" gather=y:frame\ny = x')
    assert "gather=y:frame needs a DataFrame of each element" in out
    assert notebook.states == ["failed"]


def test_no_element_leaves_empty_lists(notebook):
    notebook.run("xs = []")
    notebook.run('%%step s map="x in xs" gather=y,z:frame\ny = x\nz = x')
    assert notebook["y"] == []
    assert notebook["z"].empty
    assert notebook.states == ["succeeded"]


def test_a_generator_is_used_once_and_lazily(notebook):
    notebook.run(
        "def give():\n    for n in range(3):\n        taken.append(n)\n        yield n\ntaken = []\ng = give()"
    )
    notebook.run('%%step s map="n in g"\ny = n')
    assert (notebook["y"], notebook["taken"]) == ([0, 1, 2], [0, 1, 2])
    notebook.run('%%step s map="n in g"\ny = n')
    assert notebook["y"] == []


def test_elements_that_are_equal_share_one_execution(notebook):
    notebook.run("xs = [1, 1, 2, 1]")
    notebook.run(SCORE + "import random\ny = (x, random.random())")
    assert elements(notebook) == (2, 2, 0)
    assert notebook["y"][0] == notebook["y"][1] == notebook["y"][3] != notebook["y"][2]


def test_an_element_without_a_version_runs_uncached_and_says_so(notebook):
    notebook.run("import threading\nxs = [1, threading.Lock()]")
    for counts in ((0, 2, 0), (1, 1, 0)):
        notebook.run(SCORE + "y = str(type(x).__name__)")
        assert elements(notebook) == counts
        assert notebook["y"] == ["int", "lock"]
        assert "lock" in notebook.why


def test_an_element_that_fails_leaves_the_others_kept_and_is_named(notebook):
    notebook.run("xs = [1, 0, 2, 'a']")
    out = notebook.run(SCORE + "print('at', x)\ny = 1 / x")
    assert (notebook.states, elements(notebook)) == (["failed"], (0, 2, 2))
    assert out.count("ZeroDivisionError: division by zero") >= 1
    assert "y = 1 / x" in out
    assert "body.py" not in out
    assert "2 of 4 elements of `score` failed: 1 (0): ZeroDivisionError: division by zero; 3 ('a'): TypeError" in out
    assert "The other 2 are kept" in out
    assert [line for line in out.splitlines() if line.startswith("at")] == ["at 1", "at 0", "at 2", "at a"]
    assert "y" not in notebook.shell.user_ns
    notebook.run("xs = [1, 4, 2]")
    notebook.run(SCORE + "print('at', x)\ny = 1 / x")
    assert (elements(notebook), notebook["y"]) == ((2, 1, 0), [1.0, 0.25, 0.5])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("seen.append(x)\ny = x", "it changes `seen` in place"),
        ("x.append(1)\ny = x", "it changes `x` in place"),
        ("bump()\ny = 1", "it binds `count` through a function"),
        ("import random\ny = random.random()", "the global random generator of random"),
        ("import os\nos.chdir('/')\ny = 1", "it changes settings of cwd"),
    ],
)
def test_a_body_that_changes_what_others_see_is_refused_by_name(notebook, body, said):
    notebook.run("xs = [[1], [2]]\nseen = []\ncount = 0\ndef bump():\n    global count\n    count += 1")
    notebook.run("import random\nrandom.seed(1)" if "random" in body else "pass")
    out = notebook.run(SCORE + body)
    assert said in out
    assert "can't be run for each element by itself" in out
    assert "y" not in notebook.shell.user_ns
    assert notebook.shell.steppe_cells.session.catalog.entries.beginning("b3:") == []


@pytest.mark.parametrize(
    ("line", "body", "said"),
    [
        ('map="x in nowhere"', "y = x", "NameError: name 'nowhere' is not defined"),
        ('map="x in 5"', "y = x", "'int' object is not iterable"),
        ('map="a, b in [(1, 2), 3]"', "y = a", "element 1: TypeError"),
        ('map="x in [1]" gather=z', "y = x", "the body does not bind `z`; it binds `y`"),
        ('map="x in [1]"', "total += x", "reads `total` before it binds it"),
        ('sweep="lr in []"', "y = lr", "`lr` has no values"),
        ('map="x in [1]"', "import matplotlib\nmatplotlib.use('agg')", "sets something up"),
    ],
)
def test_bad_input_is_one_sentence(notebook, line, body, said):
    out = notebook.run(f"%%step s {line}\n{body}")
    assert said in out, out
    assert "Steppe did not expect" not in out


def test_a_sweep_shows_its_parameters_beside_its_metrics(notebook):
    cell = (
        '%%step s sweep="lr in [.1, .01], depth in [2, 4]"\nimport steppe\n'
        "for epoch in range(2):\n    steppe.log_metric('loss', lr * depth + epoch, step=epoch)\n"
        "score = depth / lr\nmodel = [lr]"
    )
    shown = []
    for hits in (0, 4):
        out = notebook.run(cell)
        assert elements(notebook) == (hits, 4 - hits, 0)
        shown.append(out)
    assert shown[0] == shown[1]
    lines = [line.split() for line in shown[0].strip().splitlines()]
    assert lines[0] == ["lr", "depth", "score", "loss"]
    assert lines[1] == ["0.1", "2", "20", "1.2"]
    assert [line[:2] for line in lines[1:]] == [["0.1", "2"], ["0.1", "4"], ["0.01", "2"], ["0.01", "4"]]
    assert notebook["score"] == [20.0, 40.0, 200.0, 400.0]
    logged = notebook.shell.steppe_cells.session.catalog.metrics.series(notebook.steps[-1].id, "loss")
    assert [point.step for point in logged.items] == [0, 1, 2, 3]


def test_what_comes_back_is_the_step_s_own_output(notebook):
    notebook.run("xs = [1, 2]")
    notebook.run(SCORE + "y = x")
    notebook.run("%%step after\nz = sum(y)")
    notebook.restart().run("xs = [1, 2]")
    notebook.run(SCORE + "y = x")
    notebook.run("%%step after\nz = sum(y)")
    assert notebook.states == ["hit", "hit"]
    catalog = notebook.shell.steppe_cells.session.catalog
    catalog.flush()
    record = catalog.step_runs.get(notebook.steps[0].id)
    assert record.elements == {"hits": 2, "ran": 0, "failed": 0}
    made = catalog.step_runs.get(record.entry)
    assert set(made.outputs) == {"y"}
    assert {item.name for item in made.ingredients if item.kind == "input"} >= {"xs"}


def test_clearing_a_step_forgets_its_elements(notebook):
    notebook.run("xs = [1, 2]")
    notebook.run(SCORE + "y = x")
    notebook.run("%steppe clear score")
    notebook.run(SCORE + "y = x")
    assert elements(notebook) == (0, 2, 0)


def test_files_that_elements_write_are_put_back(notebook, tmp_path):
    notebook.run("xs = ['a', 'b']")
    notebook.run(SCORE + "open(x + '.out', 'w').write(x)\ny = x")
    (tmp_path / "a.out").unlink()
    notebook.run(SCORE + "open(x + '.out', 'w').write(x)\ny = x")
    assert elements(notebook) == (2, 0, 0)
    assert (tmp_path / "a.out").read_text() == "a"


def test_a_name_that_an_element_does_not_bind_fails_that_element(notebook):
    notebook.run("xs = [1, 2]\ny = 'old'")
    out = notebook.run('%%step s map="x in xs" gather=y\nif x == 1:\n    y = x')
    assert "without binding `y`" in out
    assert elements(notebook) == (0, 1, 1)
    assert notebook["y"] == "old"


def test_what_an_element_says_of_its_progress_is_told_beside_how_many_are_done(notebook, monkeypatch):
    monkeypatch.setattr("steppe.worker.progress.EVERY", 0.0)
    monkeypatch.setattr("steppe.engine.fan.EVERY", 0.0)
    told = []
    monkeypatch.setattr(notebook.shell.steppe_cells.session.live, "tell", lambda _, event: told.append(event))
    notebook.run("import steppe\nxs = ['a', 'b']")
    notebook.run(SCORE + "steppe.progress(1, 2, 'epochs')\nsteppe.progress(2, 2)\nif x == 'b':\n    1 / 0\ny = x")
    said = [(each.data["done"], each.data["total"], each.data["text"]) for each in told if each.kind == "progress"]
    assert said[:3] == [(0, 2, "'a': 1 of 2 epochs"), (0, 2, "'a': 2 of 2"), (1, 2, "")], said
    assert said[-1] == (2, 2, "1 failed"), said
    assert (1, 2, "'b': 1 of 2 epochs") in said


def test_a_body_may_annotate_names_and_divide_decimals(notebook):
    notebook.run("import decimal\nxs = [3, 7]")
    notebook.run(SCORE + "y: str = str(decimal.Decimal(1) / x)[:5]")
    assert (notebook["y"], elements(notebook)) == (["0.333", "0.142"], (0, 2, 0))
