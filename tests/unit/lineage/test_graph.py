"""The lineage of a value as a graph, from a Catalog that is made up."""

from __future__ import annotations

import time

import pytest

from steppe.catalog import open_catalog
from steppe.lineage.graph import graph
from steppe.testing.catalog.made import artifact, hit, step_run


@pytest.fixture
def catalog(tmp_path):
    with open_catalog(str(tmp_path / "catalog.db")) as opened:
        yield opened


def keep(catalog, *runs):
    for run in runs:
        catalog.step_runs.record(run)


@pytest.fixture
def pipeline(catalog):
    """load: rows; clean: rows -> table; train: table, rate -> model; score and plot: model."""
    load = step_run(2, "load", outputs={"rows": "v-rows"})
    clean = step_run(3, "clean", inputs={"rows": "v-rows"}, outputs={"table": "v-table", "other": "v-other"})
    train = step_run(4, "train", inputs={"table": "v-table", "rate": "v-rate"}, outputs={"model": "v-model"})
    score = step_run(5, "score", inputs={"m": "v-model"}, outputs={"score": "v-score"})
    plot = step_run(6, "plot", inputs={"model": "v-model"})
    keep(catalog, load, clean, train, score, plot, hit(7, train))
    catalog.artifacts.put(artifact("v-model"), 8.0)
    return catalog


def levels(found):
    return {(node.name, node.kind): node.level for node in found.nodes}


def test_what_made_a_value_and_what_was_made_from_it_lie_on_levels(pipeline):
    found = graph(pipeline, "v-model")
    assert levels(found) == {
        ("model", "artifact"): 0,
        ("train", "step"): -1,
        ("table", "artifact"): -1,
        ("rate", "artifact"): -1,
        ("clean", "step"): -2,
        ("rows", "artifact"): -2,
        ("load", "step"): -3,
        ("score", "step"): 1,
        ("plot", "step"): 1,
        ("score", "artifact"): 1,
    }
    assert found.nodes[0].id == found.root == "v-model"
    assert (found.nodes[0].type, found.nodes[0].kept) == ("numpy.ndarray", True)
    assert not found.more


def test_edges_name_the_variables_on_both_sides(pipeline):
    found = graph(pipeline, "v-model", up=1, down=1)
    name = {node.id: node.name for node in found.nodes}
    assert {(name[edge.source], name[edge.target], edge.names) for edge in found.edges} == {
        ("train", "model", ("model",)),
        ("table", "train", ("table",)),
        ("rate", "train", ("rate",)),
        ("model", "score", ("m",)),
        ("model", "plot", ("model",)),
        ("score", "score", ("score",)),
    }
    assert found.more, "clean and load are beyond one step"


def test_of_several_executions_of_one_cell_the_latest_user_is_told(pipeline):
    keep(pipeline, step_run(8, "plot", inputs={"model": "v-model"}, source="edited"))
    found = graph(pipeline, "v-model", up=0)
    plots = [node for node in found.nodes if node.name == "plot"]
    assert [node.started for node in plots] == [8.0]


def test_a_value_that_nobody_knows_stands_alone(catalog):
    found = graph(catalog, "v-none")
    assert [(node.id, node.kind) for node in found.nodes] == [("v-none", "artifact")]
    assert not found.edges
    assert not found.more


def test_a_step_that_binds_the_value_that_it_read_is_told_once(catalog):
    keep(catalog, step_run(2, "same", inputs={"x": "v"}, outputs={"y": "v"}))
    found = graph(catalog, "v")
    assert len(found.nodes) == 2
    assert {(edge.source == "v", edge.names) for edge in found.edges} == {(True, ("x",)), (False, ("y",))}


def test_no_more_nodes_than_asked_for(pipeline):
    found = graph(pipeline, "v-model", limit=3)
    assert len(found.nodes) == 3
    assert found.more
    there = {node.id for node in found.nodes}
    assert all({edge.source, edge.target} <= there for edge in found.edges)


@pytest.mark.slow
def test_a_thousand_steps_are_told_quickly(catalog):
    for number in range(1000):
        inputs = {"x": f"v-{number - 1}"} if number else {}
        catalog.step_runs.record(
            step_run(number + 2, f"s{number}", inputs=inputs, outputs={"x": f"v-{number}", "y": f"w-{number}"}),
            later=True,
        )
    catalog.flush()
    before = time.process_time()
    found = graph(catalog, "v-500", up=50, down=50, limit=200)
    assert len(found.nodes) == 200
    assert time.process_time() - before < 0.5
