"""What cells leave in the namespace and show, run plainly, as steps, and as steps in a new session: always the same."""

from __future__ import annotations

import pytest

COUNTER = """
def counter():
    count = 0
    def step(by=1):
        nonlocal count
        count += by
        return count
    def peek():
        return count
    return step, peek
"""
NOTEBOOKS = {
    "functions that share a closure": [COUNTER + "step, peek = counter()", "step(5)", "peek()"],
    "a pair that shares a closure with a name": [COUNTER + "pair = counter()\nstep = pair[0]", "step(5)", "pair[1]()"],
    "two closures of one version": [COUNTER + "both = [counter(), counter()]", "both[0][0](7)", "both[1][1]()"],
    "a closure that refers to itself": [
        "def outer():\n    def fact(n):\n        return n * fact(n - 1) if n else 1\n    return fact\nfact = outer()",
        "fact(5)",
    ],
    "a name bound by a function": [
        "total = 0\ndef add(n):\n    global total, last\n    total += n\n    last = n",
        "add(3)",
        "total, last",
    ],
    "a name removed by a function": ["x = 1\ndef drop():\n    global x\n    del x", "drop()", "'x' in globals()"],
    "an underscored name bound by a function": ["def f():\n    global _x\n    _x = 4", "f()", "_x"],
    "a class changed through an instance": [
        "class A:\n    seen = []\n    def see(self, n):\n        self.seen.append(n)\n        return n\na = A()",
        "a.see(3)",
        "A.seen, A().seen",
    ],
    "a class that registers itself": [
        "class S:\n    known = []\n    def __init_subclass__(cls):\n        S.known.append(cls.__name__)",
        "class T(S):\n    pass\nt = T()",
        "u = [T()]",
        "S.known, isinstance(t, S), isinstance(u[0], T)",
    ],
    "a class whose base adds what its methods ask for": [
        "from sklearn.base import BaseEstimator, ClassifierMixin",
        "class C(BaseEstimator, ClassifierMixin):\n    def score(self, X, y): return 0.5",
        "sorted(vars(C)), hasattr(C, 'set_score_request')",
    ],
    "a result that loses its callbacks when it is asked for its state": [
        "import numpy as np\nfrom statsmodels.discrete.discrete_model import Poisson",
        "model = Poisson(np.arange(9), np.ones(9))\nfitted = model.fit(disp=False)",
        "fitted.mle_settings['callback'].__self__ is model, fitted.params.round(3)",
    ],
    "a transposed view": [
        "import numpy as np\nbase = np.arange(6).reshape(2, 3)",
        "turned = base.T",
        "turned[0, 0] = -1",
        "base",
    ],
    "an array made read-only": [
        "import numpy as np\na = np.zeros(2)",
        "a.flags.writeable = False",
        "a.flags.writeable",
    ],
    "an ordered dict": [
        "from collections import OrderedDict\nd = OrderedDict(a=1, b=2)",
        "d.move_to_end('a')",
        "list(d), list(d.items())",
    ],
    "a value that displays itself": [
        "class D:\n    def _ipython_display_(self):\n        print('me')\n\nD()",
        "type(_).__name__",
    ],
    "a text that no file can be called": ['len("\\ud800"), "\\ud800" == "a"', 'lonely = "\\ud800"', "len(lonely)"],
    "an object of a class that was defined again": [
        "class A:\n    pass\na = A()",
        "class A:\n    pass",
        "a.__class__ = A",
        "b = isinstance(a, A)\nb",
    ],
    "a representation for a type": [
        "f = get_ipython().display_formatter.formatters['text/plain']\nold = f.lookup_by_type(int)",
        "42",
        "f.for_type(int, lambda value, printer, cycle: printer.text('shown')) and None",
        "42",
        "f.for_type(int, old) and None",
        "42",
    ],
    "annotations that are texts": [
        "from __future__ import annotations\ndef f(x: Undefined) -> None:\n    return x",
        "f.__annotations__",
        "f.__annotations__, f(1)",
    ],
    "an object given another class": [
        "class A:\n    pass\nclass B:\n    pass\na = A()",
        "a.__class__ = B",
        "type(a).__name__, isinstance(a, B)",
    ],
    "a symbolic link": [
        "import os\nfrom pathlib import Path\nPath('a.txt').write_text('1')",
        "os.symlink('a.txt', 'b.txt')",
        "Path('b.txt').write_text('2')",
        "Path('a.txt').read_text(), os.path.islink('b.txt')",
    ],
    "a builtin used by a class": ["class K:\n    def kind(self):\n        return type(self).__name__", "K().kind()"],
}


def ran(notebook, cells):
    """Run cells one by one and return what each showed, but for the prompt's own number."""
    for path in notebook.folder.iterdir():
        if path.is_file() or path.is_symlink():
            path.unlink()
    (notebook.folder / "pyproject.toml").write_text("")
    notebook.shell.execution_count = 1
    return [notebook.run(cell, cell_id=f"c{number}", **notebook.as_step) for number, cell in enumerate(cells)]


@pytest.mark.parametrize("cells", NOTEBOOKS.values(), ids=NOTEBOOKS)
def test_cold_and_warm_are_as_plain(notebook, cells):
    notebook.close()
    notebook.as_step = {}
    plain = ran(notebook, cells)
    notebook.as_step = {"step": True}
    for run in ("cold", "warm"):
        notebook.restart()
        assert ran(notebook, cells) == plain, f"{run}: {[(str(s.state), s.why) for s in notebook.steps]}"
        assert "failed" not in notebook.states
