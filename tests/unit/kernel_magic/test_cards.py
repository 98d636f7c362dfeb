"""Cards: what they hold for each kind of front end, and that they run nothing."""

from __future__ import annotations

import base64
import json
import re
import xml.etree.ElementTree as ET

import pytest

from steppe.lineage.card import MIME


@pytest.fixture
def two(notebook):
    notebook.run("%%step load\nrows = [1, 2, 3]")
    notebook.run("%%step total\ntotal = sum(rows)")
    return notebook


@pytest.fixture
def shown(two, monkeypatch):
    bundles = []
    monkeypatch.setattr(two.shell.display_pub, "publish", lambda data, *_, **__: bundles.append(data))
    return bundles


def test_the_lineage_of_a_variable_is_data_html_and_text(two, shown):
    two.run("%steppe lineage total")
    (bundle,) = shown
    assert set(bundle) == {MIME, "text/html", "text/plain"}
    told = json.loads(json.dumps(bundle[MIME]))
    assert (told["kind"], told["name"], told["path"]) == ("lineage", "total", "book.ipynb")
    assert told["graph"]["root"] == told["version"]
    assert {node["name"] for node in told["graph"]["nodes"]} == {"total", "rows", "load"}
    assert bundle["text/plain"].startswith("total  6")


def test_the_picture_is_an_image_with_every_name(two, shown):
    two.run("%steppe lineage total")
    (code,) = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', shown[0]["text/html"])
    svg = ET.fromstring(base64.b64decode(code))
    texts = [element.text for element in svg.iter() if element.tag.endswith("}text")]
    assert {"total", "rows", "load"} <= set(texts)
    assert len([element for element in svg.iter() if element.tag.endswith("}path")]) == 3


def test_show_tells_the_ids_that_a_front_end_needs(two, shown):
    two.run("%steppe show total")
    two.run("%steppe show rows")
    step, value = (bundle[MIME] for bundle in shown)
    assert (step["kind"], step["step_run"]) == ("step", two.steps[-1].id)
    assert (value["kind"], value["version"]) == ("artifact", two.steps[0].result.outputs["rows"].version)


def test_a_card_runs_no_script_and_escapes_names(notebook):
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    notebook.run(f"%%step make\ntext = {evil!r}")
    notebook.run("%%step use\nlong = text + ''")
    notebook.run("import steppe\ncard = steppe.lineage(text)")
    page = notebook["card"].html()
    decoded = base64.b64decode(re.findall(r"base64,([^\"]+)", page)[0]).decode()
    for said in (page, decoded):
        assert "<script" not in said.lower()
        assert "<img src=x" not in said
        assert not re.search(r"<[^>]*\son\w+=", said)
    assert "&lt;script" in decoded


def test_lineage_of_a_value_goes_up_and_down(two):
    two.run("import steppe\ncard = steppe.lineage(rows)")
    card = two["card"]
    assert [(node.kind, node.name) for node in card.up()] == [("step", "load")]
    assert [(node.kind, node.name) for node in card.down()] == [("step", "total"), ("artifact", "total")]
    lines = repr(card).splitlines()
    assert lines[0].startswith("rows")
    assert lines[1:3] == ["made by", "└─ load (succeeded)"]
    assert "read by" in lines
    assert card._repr_mimebundle_()["text/plain"] == repr(card)


def test_a_value_that_no_step_made_is_refused_in_one_sentence(two):
    two.run("import steppe\nsteppe.lineage('no step has this')")
    assert "no step has made or read this value" in str(two.result.error_in_exec)


def test_lineage_is_a_package_and_a_function(two):
    import steppe
    from steppe.lineage.graph import graph

    assert callable(steppe.lineage)
    assert steppe.lineage.graph.graph is graph
