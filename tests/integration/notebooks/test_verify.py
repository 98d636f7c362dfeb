"""`steppe verify`: what is not reproducible is found and named, and what is kept stays as it was."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec
import pytest

from steppe.lineage.opened import opened
from steppe.lineage.results import result_of
from steppe.lineage.shown import named, steps_named
from steppe.sharing.harmless import needs_trust

sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.integration.notebooks.made import Room

RACE = """from concurrent.futures import ThreadPoolExecutor, as_completed
with ThreadPoolExecutor(2) as pool:
    done = [pool.submit(str, number) for number in range(64)]
x = [each.result() for each in as_completed(done)]
del done, pool"""

PLANTED = {
    "clock": ("import time\nx = time.time()", "the clock"),
    "uuid": ("import uuid\nx = str(uuid.uuid4())", "random identifiers"),
    "entropy": ("import os\nx = os.urandom(8)", "the system's entropy"),
    "pid": ("import os\nx = os.getpid()", "the process's id"),
    "address": ("thing = [1]\nx = id(thing)", "addresses in memory"),
    "temporary": ("import tempfile\nx = tempfile.mktemp()", "names of temporary files"),
    "numpy": ("import numpy as np\nx = np.random.default_rng().random()", "NumPy's generator without a seed"),
    "random": ("import random\nx = random.Random().random()", "Python's generator without a seed"),
    "global": ("import random\nx = random.random()", "the generator of random, which nobody has seeded", "seed=none"),
    "sets": ("x = list({str(number) for number in range(50)})", "the order of a set"),
    "dicts": ("x = list(dict.fromkeys(set('abcdefghijklmnop')))", "the order of a set"),
    "listing": ("import os\nx = os.listdir('many')", "the order in which a folder is listed"),
    "variable": ("import os\nx = os.environ.get('PLANTED_HERE')", "the environment variable PLANTED_HERE has changed"),
    "mtime": ("import os\nx = os.path.getmtime('one.txt')", "the times of files"),
    "threads": (
        RACE,
        "the order in which threads end",
    ),
    "torch": (
        "import torch\nx = torch.rand(2).tolist()",
        "the generator of torch, which nobody has seeded",
        "seed=none",
    ),
}
GROUPS = [list(PLANTED)[start : start + 3] for start in range(0, len(PLANTED), 3)]


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group[0])
def test_each_planted_source_is_found_and_named(room, group, monkeypatch):
    if "torch" in group and not os.environ.get("STEPPE_TEST_LONG"):
        pytest.skip("torch is imported by two processes, half a minute on a busy machine: `make verify-long` does that")
    (room.folder / "many").mkdir()
    for name in "abcdef":
        (room.folder / "many" / name).touch()
    (room.folder / "one.txt").write_text("one")
    monkeypatch.setenv("PLANTED_HERE", "before")
    cells = {}
    for name in group:
        code, _, *options = PLANTED[name]
        cells[name] = f"%%step {name} {' '.join(options)}\n{code}"
    room.write(cells)
    run = room.json("run", "book.ipynb")["run"]
    monkeypatch.setenv("PLANTED_HERE", "after")
    os.utime(room.folder / "one.txt", (1, 1))
    code, out, err = room.steppe("verify", run)
    assert code == 1, (out, err)
    parts = {}
    for line in out.splitlines():
        if not line.startswith(" ") and "steps gave" not in line:
            parts[line.split()[1]] = told = [line]
        else:
            told.append(line)
    for name in group:
        assert "differs: x" in parts[name][0], out
        assert PLANTED[name][1] in "\n".join(parts[name][1:]), out


def test_what_is_reproducible_is_the_same_and_files_are_put_back(room):
    cells = {
        "plain": "lr = 0.5\n\ndef twice(x):\n    return 2 * x",
        "a": "%%step make\nimport random\nrows = [random.random() for _ in range(9)]\nprint('made')",
        "b": "%%step use\ntotal = twice(sum(rows)) * lr\nopen('left.txt', 'w').write(str(total))\ntotal",
        "c": "%%step order\nnames = sorted({'a', 'b', 'c', 'd', 'e'})",
    }
    room.write(cells)
    run = room.json("run", "book.ipynb")["run"]
    (room.folder / "left.txt").write_text("a person's")
    before = room.json("show", run)
    document = room.json("verify", run)
    assert [(step["step"], step["status"]) for step in document["steps"]] == [
        ("make", "same"),
        ("use", "same"),
        ("order", "same"),
    ], document
    assert (room.folder / "left.txt").read_text() == "a person's"
    assert room.json("show", run) == before
    assert room.json("show", before["steps"][1]["id"])["rerunnable"] == "yes"


def test_floats_may_differ_within_tolerances(room):
    code = "import numpy as np\n{}x = np.ones(3) + np.random.default_rng().random() * 1e-9\ny = {{'a': [float(x[0])]}}"
    room.write({"a": "%%step near\n" + code.format("")})
    run = room.json("run", "book.ipynb")["run"]
    assert room.steppe("verify", run)[0] == 1
    assert room.steppe("verify", run, "--atol", "1e-6")[0] == 0
    assert room.steppe("verify", run, "--atol", "1e-12")[0] == 1


def test_a_step_with_an_input_that_was_not_stored_says_so(room):
    room.write({"p": "import numpy as np\nbig = np.zeros(10**5)", "a": "%%step add\ntotal = big.sum()"})
    run = room.json("run", "book.ipynb")
    (step,) = room.json("show", run["run"])["steps"]
    said = room.json("show", step["id"])["rerunnable"]
    assert said == "not, because its input `big` was not stored: no step has bound it, and it is not small"
    code, out, _ = room.steppe("verify", step["id"])
    assert code == 0
    assert "skipped" in out


def test_what_is_called_like_a_secret_is_not_kept_for_a_rerun(room):
    room.write({"p": "api_token = 'hunter2'", "a": "%%step add\ntotal = len(api_token)"})
    run = room.json("run", "book.ipynb")
    (step,) = room.json("show", run["run"])["steps"]
    assert "its input `api_token` was not stored" in room.json("show", step["id"])["rerunnable"]
    kept = [path for path in (room.folder / ".steppe" / "store").rglob("*") if path.is_file()]
    assert kept
    assert not any(b"hunter2" in path.read_bytes() for path in kept)


def test_an_id_that_is_no_run_is_refused(room):
    room.write({"a": "%%step one\nx = 1"})
    made = room.json("run", "book.ipynb")["steps"][0]["outputs"]["x"]["version"]
    code, _, err = room.steppe("verify", made)
    assert code == 2
    assert "is no run and no step run" in err


def test_what_is_kept_for_a_rerun_does_not_go_into_a_bundle_and_is_not_taken_without_trust(
    room, monkeypatch, tmp_path_factory
):
    room.write({"p": "word = 'not-to-be-shared'", "a": "%%step one\nx = len(word)"})
    run = room.json("run", "book.ipynb")["run"]
    with opened(room.folder) as here:
        (step,) = steps_named(named(here.catalog, run), here.catalog)
        result = result_of(step, here.store)
        assert b"not-to-be-shared" in result.task
        assert needs_trust(result)
        assert not needs_trust(msgspec.structs.replace(result, task=b""))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
    other = Room(tmp_path_factory.mktemp("other"), room.capture)
    bundle = str(other.folder.parent / f"{other.folder.name}.steppe")
    code, _, err = room.steppe("bundle", run, "-o", bundle)
    assert code == 0, err
    code, _, err = other.steppe("import", bundle)
    assert code == 0, err
    with opened(other.folder) as here:
        (step,) = steps_named(named(here.catalog, run), here.catalog)
        arrived = result_of(step, here.store)
    assert arrived.outputs == result.outputs
    assert arrived.task == b""
