"""`steppe.stream` in notebooks: by name, version and value; what a step streams counts, and its waiting is kept."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import steppe
from steppe.errors import UsageError
from steppe.store import LocalStore
from steppe.values.lazy import is_lazy

MADE = """%%step prepare
import numpy as np
import pandas as pd
images = np.arange(60_000.0).reshape(-1, 20) + {plus}
frame = pd.DataFrame({{"a": np.arange(30_000) + {plus}, "b": np.arange(30_000) * 0.5}})
words = ["one", "two", "three"]
"""

SUMMED = "%%step use\ntotal = 0.0\nfor batch in steppe.stream({what}, 500):\n    total += float(batch.sum())"


@pytest.fixture
def prepared(notebook):
    notebook.run("import steppe")
    notebook.run(MADE.format(plus=0))
    return notebook


def version(notebook, name):
    return next(step.result.outputs[name].version for step in reversed(notebook.steps) if name in step.result.outputs)


def test_a_stored_array_or_frame_comes_by_its_name_and_version(prepared):
    for what in ("prepare.images", "images", version(prepared, "images")[:14]):
        with steppe.stream(what, 500) as stream:
            np.testing.assert_array_equal(np.concatenate(list(stream)), prepared["images"])
            assert type(stream._rows).__name__ == "StoredArray"
    with steppe.stream("frame", 500, columns=["b"]) as stream:
        pd.testing.assert_frame_equal(pd.concat(list(stream)), prepared["frame"][["b"]])
        assert type(stream._rows).__name__ == "StoredFrame"
    assert list(steppe.stream("words", 2)) == [["one", "two"], ["three"]]


def test_frames_of_polars_tables_and_tensors_are_streamed_by_a_step_that_does_not_load_them(notebook):
    pytest.importorskip("torch")
    notebook.run("import steppe, numpy as np, polars as pl, pyarrow as pa, torch")
    made = "%%step prepare\nt = pa.table({'a': np.arange(9000.0)})\nf = pl.DataFrame({'a': np.arange(9000.0)})\n"
    notebook.run(f"{made}x = torch.arange(9000.0, dtype=torch.float64)")
    totals = "sum(b['a'].sum() for b in steppe.stream(f, 500)), sum(b.sum().item() for b in steppe.stream(x, 500))"
    use = f"%%step use\nrows = sum(len(b) for b in steppe.stream(t, 500))\nfound = {totals}"
    for _ in range(2):
        notebook.restart().run("import steppe, numpy as np, polars as pl, pyarrow as pa, torch")
        notebook.run(f"{made}x = torch.arange(9000.0, dtype=torch.float64)")
        notebook.run(use)
        assert (notebook["rows"], notebook["found"]) == (9000, (40_495_500.0, 40_495_500.0))
        assert [is_lazy(notebook.shell.user_ns[name]) for name in "tfx"] == [True] * 3
    assert notebook.states == ["hit", "hit"]
    assert notebook["x"].sum().item() == notebook["f"]["a"].sum() == 40_495_500.0


def test_several_come_side_by_side(prepared):
    with steppe.stream({"x": "images", "y": prepared["frame"].a.to_numpy()[:3000]}, 700, shuffle=5) as stream:
        for batch in stream:
            np.testing.assert_array_equal(batch["x"][:, 0], batch["y"] * 20.0)


def test_a_script_of_the_project_streams_what_the_notebook_made(prepared):
    code = "import steppe\nprint(sum(len(batch) for batch in steppe.stream('images', 700)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=prepared.folder, capture_output=True, text=True, check=True)
    assert done.stdout == "3000\n"


def test_what_is_not_there_is_said_as_by_load(prepared):
    with pytest.raises(UsageError, match="no step has bound `imges`: did you mean"):
        steppe.stream("imges", 10)


def test_a_step_that_streams_a_variable_hits_until_that_changes(prepared):
    prepared.run(SUMMED.format(what="images"))
    assert prepared["total"] == np.arange(60_000.0).sum()
    prepared.restart()
    for plus, state in ((0, "hit"), (1, "succeeded")):
        prepared.run("import steppe")
        prepared.run(MADE.format(plus=plus))
        prepared.run(SUMMED.format(what="images"))
        assert prepared.states[-1] == state, prepared.why
        assert prepared["total"] == (np.arange(60_000.0) + plus).sum()


def test_a_step_that_streams_by_version_hits_and_by_name_never_wrongly(prepared):
    by_version = SUMMED.format(what=repr(version(prepared, "images")))
    for state in ("succeeded", "hit"):
        prepared.run(by_version)
        assert prepared.states[-1] == state, prepared.why
    prepared.run(SUMMED.format(what="'prepare.images'"))
    prepared.run(MADE.format(plus=1))
    prepared.run(SUMMED.format(what="'prepare.images'"))
    assert prepared["total"] == (np.arange(60_000.0) + 1).sum()
    assert prepared.states[-1] == "succeeded"


def test_a_shuffled_stream_repeats_itself_and_touches_no_generator(prepared):
    prepared.run("import random, numpy as np\nrandom.seed(1); np.random.seed(1)")
    prepared.run("%%step first\nfound = [batch[0, 0] for batch in steppe.stream(images, 100, shuffle=3)]")
    before = prepared["found"]
    prepared.run("drawn = random.random(), np.random.rand()")
    prepared.run("random.seed(1); np.random.seed(1); same = (random.random(), np.random.rand()) == drawn")
    assert prepared["same"]
    prepared.run("%%step again cache=false\nfound = [batch[0, 0] for batch in steppe.stream(images, 100, shuffle=3)]")
    assert prepared["found"] == before


@pytest.mark.parametrize("where", ["inline", "process"])
def test_how_long_it_waited_is_kept_with_the_step(prepared, where):
    prepared.run(
        f"%%step use on={where} wait=true\nimport time\n"
        "for batch in steppe.stream(images, 100):\n    time.sleep(0.04)\nn = len(batch)"
    )
    assert prepared["n"] == 100
    step = prepared.steps[-1]
    metrics = prepared.shell.steppe_cells.session.catalog.metrics
    series = {
        name: [item.value for item in metrics.series(step.id, name).items] for name in ("input stall", "input waited")
    }
    assert len(series["input stall"]) == len(series["input waited"]) >= 2
    assert all(0 <= value <= 1 for value in series["input stall"])
    assert series["input waited"] == sorted(series["input waited"])


def test_a_step_on_process_streams_its_inputs(prepared):
    prepared.run(
        "%%step use on=process wait=true\ntotal = 0\n"
        "for batch in steppe.stream(frame, 500, shuffle=True, epochs=2):\n    total += int(batch.a.sum())"
    )
    assert prepared["total"] == 2 * np.arange(30_000).sum()


def test_a_worker_does_not_load_what_is_only_streamed(prepared):
    for use, kind in (("0", "StoredArray"), ("len(images)", "LiveArray")):
        prepared.run(
            "%%step use on=process wait=true outputs=kind,total\nwith steppe.stream(images, 500) as stream:\n"
            f"    kind = type(stream._rows).__name__\n    total = sum(batch.sum() for batch in stream) + {use}"
        )
        assert (prepared["kind"], prepared["total"] > 10**9) == (kind, True)


@pytest.mark.parametrize("step", ["", "%%step use\n", "%%step use cache=false\n"])
def test_a_placeholder_that_is_streamed_is_not_loaded(prepared, monkeypatch, step):
    """What lies in a bucket is bound as a placeholder; here the store says that it does."""
    prepared.restart()
    prepared.run("import steppe")
    monkeypatch.setattr(LocalStore, "is_near", lambda *_: False)
    prepared.run(MADE.format(plus=0))
    assert is_lazy(prepared.shell.user_ns["images"])
    prepared.run(
        f"{step}total = sum(batch.sum() for batch in steppe.stream(images, 500))\n"
        "both = sum(len(batch['y']) for batch in steppe.stream({'x': images, 'y': images}, 500))"
    )
    assert prepared["total"] == np.arange(60_000.0).sum()
    assert is_lazy(prepared.shell.user_ns["images"])
    prepared.run(f"{step}total = sum(batch.sum() for batch in steppe.stream(images, 500)) / len(images)")
    assert not is_lazy(prepared.shell.user_ns["images"])
