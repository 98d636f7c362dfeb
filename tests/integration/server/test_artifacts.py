"""What the server tells of artifacts: tables by pages, columns in short, figures, models; damage is a sentence."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path

import nbformat
import pytest

from steppe.catalog import StepRunFilter, open_catalog
from steppe.lineage.views.stored import stored
from steppe.notebooks.run import run_notebook
from steppe.store import open_store
from steppe_server.reader import Reader
from tests.integration.server.notebooks import notebook

MAKE = """%%step make
from dataclasses import dataclass
import numpy as np, pandas as pd
import plotly.graph_objects as go
from sklearn.linear_model import LogisticRegression

@dataclass
class Config:
    rate: float
    layers: list

rows = 20_000
numbers = np.random.default_rng(7).permutation(rows)
frame = pd.DataFrame({"number": numbers, "half": numbers / 2, "even": numbers % 2 == 0})
frame["when"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(frame["number"], unit="s")
frame["kind"] = pd.Categorical.from_codes((numbers % 3).astype("int8"), ["a", "b", "c"])
frame.loc[3:5, "half"] = np.nan
small = pd.DataFrame({"name": ["x", "y", None], "value": [3.0, 1.0, 2.0]}, index=["p", "q", "r"])
cube = np.arange(4000.0).reshape(4, 10, 100)
photo = (np.arange(64 * 48 * 3) % 255).astype(np.uint8).reshape(48, 64, 3)
figure = go.Figure(go.Scatter(y=[1, 3, 2]))
model = LogisticRegression(C=0.5).fit([[0.0], [1.0], [2.0], [3.0]], ["no", "no", "yes", "yes"])
config = Config(0.1, [1, 2])
settings = {"deep": {"list": [1, 2.5, None]}, "name": "run"}
text = "one line\\n" * 3
handle = (lambda: 1)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A project in which the values above were kept; a test works on a copy of it."""
    folder = tmp_path_factory.mktemp("made")
    (folder / ".git").mkdir()
    nbformat.write(notebook("%load_ext steppe", MAKE), folder / "book.ipynb")
    assert run_notebook(folder / "book.ipynb").status == "succeeded"
    return folder


@pytest.fixture(scope="module")
def reader():
    """The processes that read: begun once for all servers of these tests."""
    found = Reader()
    yield found
    found.close()


@pytest.fixture
def versions(made, jp_root_dir, jp_serverapp, reader):
    """The versions of the values, by name; their project is Jupyter's root folder."""
    jp_serverapp.web_app.settings["steppe_reader"] = reader
    shutil.copytree(made, jp_root_dir, dirs_exist_ok=True)
    with open_catalog(str(jp_root_dir / ".steppe/catalog.db")) as catalog:
        return catalog.step_runs.list(StepRunFilter(step="make")).items[0].outputs


async def test_an_artifact_tells_its_type_maker_and_the_code_that_loads_it(ask, versions):
    status, told = await ask("GET", f"artifacts/{versions['frame']}", path="book.ipynb")
    assert status == 200
    assert (told["name"], told["type"], told["view"], told["format"]) == ("frame", "pandas.DataFrame", "table", "arrow")
    assert told["load"] == f'frame = steppe.load("{versions["frame"]}")'
    assert [(maker["step"], maker["cell"], maker["path"]) for maker in told["makers"]] == [("make", "c1", "book.ipynb")]


@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("small", "table"),
        ("cube", "array"),
        ("figure", "figure"),
        ("model", "model"),
        ("config", "tree"),
        ("settings", "tree"),
        ("text", "text"),
        ("handle", "none"),
    ],
)
async def test_each_kind_of_value_has_its_view(ask, versions, name, view):
    _, told = await ask("GET", f"artifacts/{versions[name]}")
    assert told["view"] == view


async def test_giving_up_an_order_says_whether_one_was_being_computed(ask, versions):
    route = f"artifacts/{versions['frame']}/table"
    assert await ask("DELETE", route, sort=0) == (200, {"ended": False})
    status, told = await ask("DELETE", route, sort=0, at="x")
    assert (status, "numbers" in told["message"]) == (400, True)
    assert (await ask("DELETE", f"artifacts/{versions['text']}/table", sort=0))[0] == 400


async def test_a_page_has_the_rows_and_columns_that_were_asked_for(ask, versions):
    route = f"artifacts/{versions['frame']}/table"
    status, page = await ask("GET", route, offset=3, limit=2, left=1, width=3)
    assert status == 200
    assert [column["name"] for column in page["columns"]] == ["number", "half", "even", "when", "kind"]
    assert (page["total"], page["shown"], len(page["rows"])) == (20_000, 20_000, 2)
    assert page["rows"][0][0] == "nan"
    assert page["rows"][0][2].startswith("2026-01-01 ")
    _, end = await ask("GET", route, offset=19_999, limit=50)
    assert len(end["rows"]) == 1
    _, beyond = await ask("GET", route, offset=10**15)
    assert (beyond["rows"], beyond["offset"]) == ([], 20_000)


async def test_a_table_is_sorted_by_any_column_and_what_is_missing_comes_last(ask, versions):
    route = f"artifacts/{versions['frame']}/table"
    _, rising = await ask("GET", route, sort=0, limit=3)
    assert [row[0] for row in rising["rows"]] == [0, 1, 2]
    _, falling = await ask("GET", route, sort=0, descending="true", limit=3)
    assert [row[0] for row in falling["rows"]] == [19_999, 19_998, 19_997]
    for descending in ("true", "false"):
        _, end = await ask("GET", route, sort=1, descending=descending, offset=19_996)
        assert [row[1] == "nan" for row in end["rows"]] == [False, True, True, True]
    _, kinds = await ask("GET", route, sort=4, descending="true", limit=1)
    assert kinds["rows"][0][4] == "c"


async def test_a_small_table_that_is_no_arrow_file_is_told_with_its_index(ask, versions):
    _, page = await ask("GET", f"artifacts/{versions['small']}/table", sort=2)
    assert [column["name"] for column in page["columns"]] == ["index", "name", "value"]
    assert [row[0] for row in page["rows"]] == ["q", "r", "p"]
    assert page["rows"][1][1] is None


async def test_columns_are_told_in_short(ask, versions):
    status, told = await ask("GET", f"artifacts/{versions['frame']}/columns")
    while told["pending"]:
        status, told = await ask("GET", f"artifacts/{versions['frame']}/columns")
    assert status == 200
    number, half, even, when, kind = told["items"]
    assert (number["min"], number["max"], number["nulls"], number["distinct"]) == (0, 19_999, 0, None)
    assert sum(number["histogram"]["counts"]) == 20_000
    assert half["nulls"] == 3
    assert (even["distinct"], even["min"], even["max"]) == (2, False, True)
    assert when["min"] == "2026-01-01"
    assert [top["value"] for top in kind["top"]] == ["a", "b", "c"]
    assert kind["histogram"] is None


async def test_an_array_is_read_by_slices_and_drawn(ask, versions):
    route = f"artifacts/{versions['cube']}"
    _, page = await ask("GET", f"{route}/table", at="2", offset=9, left=98, limit=5)
    assert page["rows"] == [[2998.0, 2999.0]]
    status, told = await ask("GET", f"{route}/table", at="9")
    assert (status, "nothing at 9" in told["message"]) == (422, True)
    _, columns = await ask("GET", f"{route}/columns")
    assert (columns["items"][0]["min"], columns["items"][0]["max"], columns["items"][0]["mean"]) == (
        0.0,
        3999.0,
        1999.5,
    )
    _, drawn = await ask("GET", f"{route}/content")
    assert {"name": "shape", "value": "4 × 10 × 100"} in drawn["facts"]  # noqa: RUF001
    _, photo = await ask("GET", f"artifacts/{versions['photo']}/content")
    assert base64.b64decode(photo["data"]["image/png"]).startswith(b"\x89PNG")


async def test_a_figure_stays_one_that_plotly_draws(ask, versions):
    _, told = await ask("GET", f"artifacts/{versions['figure']}/content")
    drawn = told["data"]["application/vnd.plotly.v1+json"]
    assert drawn["data"][0]["y"] == [1, 3, 2]


async def test_a_model_tells_its_parameters_and_what_it_learned(ask, versions):
    _, told = await ask("GET", f"artifacts/{versions['model']}/content")
    assert told["text"] == "sklearn.linear_model._logistic.LogisticRegression"
    assert {"name": "C", "value": "0.5"} in told["parameters"]
    facts = {fact["name"]: fact["value"] for fact in told["facts"]}
    assert (facts["classes_"], facts["n_features_in_"]) == ("no, yes", "1")


async def test_plain_data_and_dataclasses_are_trees(ask, versions):
    _, told = await ask("GET", f"artifacts/{versions['settings']}/content")
    assert dict(told["tree"]["items"])["name"] == ["str", "run"]
    _, told = await ask("GET", f"artifacts/{versions['config']}/content")
    assert dict(told["tree"]["items"])["rate"] == ["float", "0.1"]


async def test_what_can_not_be_shown_says_so(ask, versions):
    status, told = await ask("GET", f"artifacts/{versions['handle']}/content")
    assert (status, "load it" in told["message"]) == (422, True)
    status, told = await ask("GET", f"artifacts/{versions['handle']}/table")
    assert status == 422
    status, told = await ask("GET", f"artifacts/{versions['settings']}/table")
    assert (status, "no table" in told["message"]) == (400, True)


def place_of(folder, version):
    """Return the file that holds a value."""
    store = open_store(str(folder / ".steppe/store"), folder / ".steppe/store")
    with open_catalog(str(folder / ".steppe/catalog.db")) as catalog:
        return Path(stored(catalog, store, version).source(store).path)


@pytest.mark.parametrize("version", ["b3:12", "..%2F..%2Fetc", "b3:" + "0" * 64, "x"])
async def test_a_version_that_names_nothing_is_not_found(ask, versions, version):
    for tail in ("", "/table", "/columns", "/content"):
        status, told = await ask("GET", f"artifacts/{version}{tail}")
        assert status == 404
        assert told is None or "message" in told


@pytest.mark.parametrize(
    ("query", "status"),
    [({"offset": -1}, 400), ({"limit": 501}, 400), ({"sort": 99}, 422), ({"at": "1;2"}, 400), ({"width": 0}, 400)],
)
async def test_a_page_that_makes_no_sense_is_refused(ask, versions, query, status):
    got, told = await ask("GET", f"artifacts/{versions['frame']}/table", **query)
    assert (got, bool(told["message"])) == (status, True)


async def test_damaged_bytes_are_a_sentence_and_the_next_table_is_answered(ask, versions, jp_root_dir):
    place = place_of(jp_root_dir, versions["frame"])
    place.write_bytes(b"\xff" * place.stat().st_size)
    status, told = await ask("GET", f"artifacts/{versions['frame']}/table")
    assert (status, bool(told["message"])) == (422, True)
    status, _ = await ask("GET", f"artifacts/{versions['small']}/table")
    assert status == 200
