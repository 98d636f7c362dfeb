"""The whole engine with its bytes in a bucket and its history in a PostgreSQL database, shared by two projects."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell

from tests.integration.crash.kernels import Kernel, said
from tests.integration.notebooks.made import Room

CELLS = {
    "on": "%load_ext steppe",
    "table": "%%step table\nimport pandas as pd\ntable = pd.DataFrame({'count': [3, 1, 4, 1, 5]})\ntable",
    "read": "%%step read\nfactor = int(open('factor.txt').read())\nprint('read', factor)",
    "away": "%%step away on=process\nscaled = table.assign(count=table['count'] * factor)\nscaled",
    "big": "%%step big\nimport numpy as np\nblock = np.arange(200_000, dtype='int64') * factor\nblock.sum()",
    "plain": "scaled['count'].sum(), block[-1]",
}
STEPS = ("table", "read", "away", "big")


@pytest.fixture
def shared(s3, postgres, monkeypatch, tmp_path_factory):
    """Say in the environment, as a team would, where the store and the catalog are; return what is said."""
    options = {"AWS_ENDPOINT_URL": "endpoint", "AWS_ACCESS_KEY_ID": "access_key_id", "AWS_REGION": "region"}
    environ = {
        "STEPPE_STORE": f"s3://{s3.new_bucket()}/team/steppe",
        "STEPPE_CATALOG": postgres.database(),
        "STEPPE_MACHINE": str(tmp_path_factory.mktemp("machine")),
        **{name: s3.options[option] for name, option in options.items()},
        "AWS_SECRET_ACCESS_KEY": s3.options["secret_access_key"],
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return environ


def rooms(tmp_path, capsys):
    """Make two projects that know nothing of each other but the same notebook and file."""
    for name in ("mine", "hers"):
        (tmp_path / name).mkdir()
        room = Room(tmp_path / name, capsys)
        room.write(CELLS)
        (room.folder / "factor.txt").write_text("3")
        yield room


def states(document):
    return [(step["name"], step["status"]) for step in document["steps"]]


def test_what_one_project_made_is_a_hit_in_the_next_and_all_commands_see_it(shared, tmp_path, capsys, monkeypatch):
    mine, hers = rooms(tmp_path, capsys)
    first = mine.json("run", "book.ipynb", "-o", "out.ipynb")
    assert states(first) == [(name, "succeeded") for name in STEPS]
    again = mine.json("run", "book.ipynb", "-o", "again.ipynb")
    assert states(again) == [(name, "hit") for name in STEPS]
    assert mine.outputs("out.ipynb")[-1][0].data["text/plain"] == "(np.int64(42), np.int64(599997))"
    assert mine.outputs("again.ipynb")[1:] == mine.outputs("out.ipynb")[1:]
    assert [step["outputs"] for step in first["steps"]] == [step["outputs"] for step in again["steps"]]

    assert in_a_kernel(hers, monkeypatch) == (["hit"] * len(STEPS), 42)
    for room in (mine, hers):
        assert not (room.folder / ".steppe/catalog.db").exists(), "the history is in the database alone"

    runs = mine.json("runs")["runs"]
    assert len(runs) == 3
    assert [run["steps"] for run in runs] == [{"hit": 4}, {"hit": 4}, {"succeeded": 4}]
    shown = hers.json("show", first["run"])
    assert shown["kind"] == "run"
    assert [step["name"] for step in shown["steps"]] == list(STEPS)
    version = first["steps"][3]["outputs"]["block"]["version"]
    artifact = hers.json("show", version[:16])
    assert (artifact["kind"], [made["step"] for made in artifact["made by"]]) == ("artifact", ["big"])
    assert {step["plan"] for step in mine.json("plan", "book.ipynb")["steps"][:2]} == {"hit"}
    assert hers.json("doctor")["findings"] == []
    assert hers.json("gc")["entries"] == 0

    (hers.folder / "factor.txt").write_text("4")
    changed = in_a_kernel(hers, monkeypatch)
    assert changed == (["hit", "succeeded", "succeeded", "succeeded"], 56), (
        "gc took what was needed, or a change was not seen"
    )


def in_a_kernel(room, monkeypatch):
    """Run the cells in a kernel of this process; return the states of its steps, and what they came to."""
    monkeypatch.chdir(room.folder)
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    try:
        for source in CELLS.values():
            assert shell.run_cell(source, store_history=True).success
        found = [str(step.state) for step in shell.steppe_cells.steps]
        return found, int(shell.user_ns["scaled"]["count"].sum())
    finally:
        shell.run_cell("%unload_ext steppe")
        InteractiveShell.clear_instance()


SLOW = [
    "%%step first\nimport numpy as np\nfirst = np.arange(3)",
    "%%step slow\nimport time\ntime.sleep(int(open('pause.txt').read()))\nslow = first * 2",
    "slow.tolist()",
]


def test_two_projects_run_a_step_once_and_one_takes_over_from_the_other_that_is_killed(shared, tmp_path, capsys):
    mine, hers = rooms(tmp_path, capsys)
    for room in (mine, hers):
        (room.folder / "pause.txt").write_text("1")
    kernels = [Kernel(room.folder, SLOW, **shared) for room in (mine, hers)]
    found = [kernel.rest() for kernel in kernels]
    assert [told[-1]["value"] for told in found] == [[0, 2, 4]] * 2, said(mine.folder) + said(hers.folder)
    for number in (0, 1):
        assert sorted(told[number]["states"][0] for told in found) == ["hit", "succeeded"], found

    changed = [cell.replace("arange(3)", "arange(4)") for cell in SLOW]
    (mine.folder / "pause.txt").write_text("100")
    killed = Kernel(mine.folder, changed, **shared)
    assert killed.next()["states"] == ["succeeded"]
    waits = Kernel(hers.folder, changed, **shared)
    assert waits.next()["states"] == ["hit"]
    killed.kill()
    after = waits.rest()
    assert [told["states"] for told in after] == [["succeeded"], []], after
    assert after[-1]["value"] == [0, 2, 4, 6]
    assert [run["status"] for run in hers.json("runs")["runs"]][1] == "lost"
    assert hers.json("doctor")["findings"] == []
