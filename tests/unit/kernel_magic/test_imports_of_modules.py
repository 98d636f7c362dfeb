"""An import of a module of the project counts for steps that reach it, and for all where it acts elsewhere."""

import sys

import pytest

STEP = "%%step other\nx = 1 + 1"


@pytest.fixture
def run_with(notebook):
    sys.path.insert(0, str(notebook.folder))

    def run(source):
        (notebook.folder / "acting.py").write_text(source)
        sys.modules.pop("acting", None)
        sys.path_importer_cache.clear()
        notebook.restart()
        notebook.run("import acting")
        notebook.run(STEP)
        return notebook.states[-1]

    yield run
    sys.path.remove(str(notebook.folder))
    sys.modules.pop("acting", None)


def test_an_edit_of_a_module_that_a_step_does_not_reach_is_no_miss(run_with):
    assert run_with("import json\n\ndef f():\n    return 1\n") == "succeeded"
    assert run_with("import json\n\ndef f():\n    return 22\n") == "hit"


@pytest.mark.parametrize(
    "acts",
    [
        "import json\njson.dumps.mark = 1",
        "import json\nsetattr(json, 'mark', 1)",
        "import fractions\n\ndef go():\n    fractions.mark = 1\n\ngo()",
    ],
)
def test_an_edit_of_a_module_that_acts_elsewhere_is_a_miss_for_all(run_with, acts):
    assert run_with(acts) == "succeeded"
    assert run_with(acts.replace("1", "2")) == "succeeded"
    assert run_with(acts.replace("1", "2")) == "hit"
