"""What NumPy's `broadcast_arrays` gives: arrays that warn when they are asked whether they may be written to."""

import pytest

CELL = "import numpy as np\na, b = np.broadcast_arrays(np.arange(3.0), np.zeros((2, 3)))\nc = a + b"


@pytest.mark.filterwarnings("error")
def test_a_step_that_leaves_broadcast_arrays_shows_no_warning(notebook):
    assert "Warning" not in notebook.run(CELL, step=True)
    assert notebook.steps[-1].state == "succeeded"


def test_a_write_to_one_warns_as_it_does_plainly(notebook):
    for state in ("succeeded", "succeeded"):  # what warns can't be stored, so the step runs again
        notebook.restart()
        notebook.run(CELL, step=True)
        assert notebook.steps[-1].state == state
        assert "`a` would come back" in str(notebook.steps[-1].why)
        with pytest.warns((FutureWarning, DeprecationWarning)):
            notebook.run("a[0, 0] = 1")
