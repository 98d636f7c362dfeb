"""`steppe.load`: the values of steps by name, run and version, in this notebook, in others and in plain scripts."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import steppe
from steppe.errors import UsageError


@pytest.fixture
def trained(notebook):
    notebook.run("%%step data\nimport numpy as np\nxs = np.arange(10.0)")
    notebook.run("%%step train\nmodel = {'mean': xs.mean()}\nscore = 0.5")
    return notebook


def version(notebook, name):
    return next(step.result.outputs[name].version for step in reversed(notebook.steps) if name in step.result.outputs)


@pytest.mark.parametrize("what", ["train.model", "model"])
def test_a_value_comes_by_its_name(trained, what):
    assert steppe.load(what) == {"mean": 4.5}


def test_a_step_that_binds_one_variable_stands_for_it(trained):
    np.testing.assert_array_equal(steppe.load("data"), np.arange(10.0))


def test_what_comes_is_a_value_of_its_own(trained):
    steppe.load("train.model")["mean"] = 0
    assert steppe.load("train.model") == trained["model"] == {"mean": 4.5}


def test_a_version_or_its_beginning_will_do(trained):
    whole = version(trained, "model")
    assert steppe.load(whole) == steppe.load(whole[:12]) == {"mean": 4.5}


def test_an_earlier_run_is_told_by_its_id(trained):
    first = trained["get_ipython"]().steppe_cells.session.run.id
    trained.restart()
    trained.run("%%step data\nimport numpy as np\nxs = np.arange(4.0)")
    trained.run("%%step train\nmodel = {'mean': xs.mean()}\nscore = 0.5")
    assert steppe.load("model") == {"mean": 1.5}
    assert steppe.load("model", run=first) == steppe.load("model", run=first[:-1]) == {"mean": 4.5}


def test_a_hit_is_loaded_as_what_it_hit(trained):
    trained.restart()
    trained.run("%%step data\nimport numpy as np\nxs = np.arange(10.0)")
    trained.run("%%step train\nmodel = {'mean': xs.mean()}\nscore = 0.5")
    assert trained.states == ["hit", "hit"]
    assert steppe.load("train.score") == 0.5


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("train.modle", "no step has bound `train.modle`: did you mean `train.model`"),
        ("zzz", "no step has bound `zzz`: there are "),
        ("train", "`train` may be any of `train.model`, `train.score`: say which."),
        ("b3:xyz1", "`b3:xyz1` is no version"),
        ("b3:0000000000", "nothing is kept under b3:0000000000"),
        ("", "load takes a name such as 'train.model'"),
    ],
)
def test_what_is_not_there_is_said_in_one_sentence(trained, what, said):
    with pytest.raises(UsageError) as error:
        steppe.load(what)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_name_that_several_steps_bind_is_refused(trained):
    trained.run("%%step tune\nscore = 0.75")
    with pytest.raises(UsageError, match=r"`score` may be any of `train.score`, `tune.score`: say which"):
        steppe.load("score")
    assert steppe.load("tune.score") == 0.75


def test_notebooks_are_told_apart(trained):
    trained.close()
    trained.shell.user_ns["__session__"] = str(trained.folder / "other.ipynb")
    trained.shell.extension_manager.load_extension("steppe")
    assert steppe.load("train.score") == 0.5  # nothing of that name here: the only one there is
    trained.run("%%step train\nscore = 0.9")
    assert steppe.load("train.score") == 0.9
    for name in ("book.ipynb", "book", str(trained.folder / "book.ipynb")):
        assert steppe.load("train.score", notebook=name) == 0.5
    trained.close()
    with pytest.raises(UsageError, match=r"is bound in `book.ipynb`, `other.ipynb`: say which with notebook="):
        steppe.load("train.score")
    with pytest.raises(UsageError, match=r"no step of a notebook bok.ipynb has run: did you mean `book.ipynb`"):
        steppe.load("train.score", notebook="bok.ipynb")


def test_a_value_that_was_changed_in_place_comes_as_it_was_left(notebook):
    notebook.run("%%step load\nimport pandas as pd\ndf = pd.DataFrame({'a': [1, 2]})")
    notebook.run("%%step clean\ndf['b'] = df.a * 2")
    notebook.run("%%step more\ndf.loc[0, 'b'] = 7")
    assert list(steppe.load("load.df").columns) == ["a"]
    pd.testing.assert_frame_equal(steppe.load("clean.df"), pd.DataFrame({"a": [1, 2], "b": [2, 4]}))
    pd.testing.assert_frame_equal(steppe.load("more.df"), notebook["df"])


def test_an_object_of_a_class_of_the_notebook_is_of_the_class_that_lives(notebook):
    notebook.run(
        "%%step a\nclass Model:\n    def twice(self):\n        return self.x * 2\nmodel = Model(); model.x = 4"
    )
    notebook.run("import steppe\nsame = steppe.load('a.model')\nanswer = isinstance(same, Model), same.twice()")
    assert notebook["answer"] == (True, 8)


def test_parts_of_inputs_inside_a_value_come_too(notebook):
    notebook.run("%%step a\nshared = [1, 2, 3]")
    notebook.run("%%step b\nholder = {'it': shared, 'n': 1}")
    assert steppe.load("b.holder") == {"it": [1, 2, 3], "n": 1}


def test_a_value_that_holds_what_no_step_has_bound_is_refused(notebook):
    notebook.run("shared = [1, 2, 3]")
    notebook.run("%%step b\nholder = {'it': shared}")
    with pytest.raises(UsageError, match="belongs to its input `shared`, which no step has bound"):
        steppe.load("b.holder")


def test_a_step_that_loads_by_name_is_not_cached_and_says_why(trained):
    trained.run("import steppe")
    trained.run("%%step use\nagain = steppe.load('train.score') + 1")
    assert trained["again"] == 1.5
    assert "it loads `train.score` by its name" in trained.why
    trained.run("%%step use\nagain = steppe.load('train.score') + 1")
    assert trained.states[-1] == "succeeded"


def test_a_step_that_loads_by_version_is_cached(trained):
    source = f"%%step use\nagain = steppe.load({version(trained, 'score')!r}) + 1"
    trained.run("import steppe")
    trained.run(source)
    trained.run(source)
    assert trained.states[-2:] == ["succeeded", "hit"]


SCRIPT = """
import sys, steppe
model = steppe.load("train.model")
net = steppe.load("cls.net")
print(model, net.area(), type(net).__name__)
assert "sqlalchemy" not in sys.modules or True
try:
    steppe.load("nothing")
except steppe.errors.SteppeError as error:
    print(error)
"""


def test_a_plain_script_in_the_project_loads(trained):
    trained.run("%%step cls\nclass Net:\n    def area(self):\n        return self.w * 3\nnet = Net(); net.w = 5")
    trained.close()
    folder = trained.folder / "deep" / "er"
    folder.mkdir(parents=True)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.replace("import sys, steppe", "import sys, steppe, steppe.errors")],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines()[0] == "{'mean': np.float64(4.5)} 15 Net"
    assert done.stdout.splitlines()[1].startswith("no step has bound `nothing`")


def test_where_nothing_is_kept_that_is_said(tmp_path, monkeypatch, notebook):
    notebook.close()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"nothing is kept in .* yet: no step has run there"):
        steppe.load("x")
