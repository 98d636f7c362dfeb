"""OpenLineage events: valid by OpenLineage's own schemas, and enough to make the Catalog's graph from again."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from referencing import Registry, Resource

from steppe.catalog import open_catalog
from steppe.lineage.graph import graph_of
from steppe.lineage.openlineage import FACETS, events, run_id
from steppe.testing.catalog.made import artifact, digest, file, hit, run, step_run
from steppe.types import FileOutput, Observation, State, StepId, StepRun

SPEC = Path(__file__).parent / "openlineage_spec"
SCHEMAS = [json.loads(path.read_text("utf-8")) for path in sorted(SPEC.rglob("*.json"))]
REGISTRY = Registry().with_resources([(schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS])
FORMATS = jsonschema.Draft202012Validator.FORMAT_CHECKER


def check(event):
    """Hold an event, and each of its facets of the standard, against the schemas."""
    whole = next(schema for schema in SCHEMAS if schema["$id"].endswith("OpenLineage.json"))
    jsonschema.Draft202012Validator(whole, registry=REGISTRY, format_checker=FORMATS).validate(event)
    jsonschema.Draft202012Validator(
        {"$ref": f"{whole['$id']}#/$defs/RunEvent"}, registry=REGISTRY, format_checker=FORMATS
    ).validate(event)
    facets = [event["run"]["facets"], event["job"]["facets"]]
    for dataset in (*event["inputs"], *event["outputs"]):
        facets += [dataset["facets"], dataset.get("outputFacets", {})]
    checked = 0
    for name, facet in (item for each in facets for item in each.items()):
        if name in FACETS:
            reference = {"$ref": facet["_schemaURL"]}
            jsonschema.Draft202012Validator(reference, registry=REGISTRY, format_checker=FORMATS).validate(facet)
            checked += 1
    assert checked >= 4
    return event


def rebuilt(told, path):
    """Make a Catalog from events alone."""
    catalog = open_catalog(str(path))
    latest = {event["run"]["runId"]: event for event in told}
    for event in latest.values():
        own = event["run"]["facets"]["steppe"]
        sides = {"inputs": {}, "outputs": {}}
        trace, written = [], []
        for side, datasets in sides.items():
            for dataset in event[side]:
                version, mine = dataset["facets"]["version"]["datasetVersion"], dataset["facets"]["steppe"]
                if mine["kind"] == "value":
                    datasets.update(dict.fromkeys(mine["variables"], version))
                elif side == "inputs":
                    trace.append(Observation(kind="file", name=mine["path"], version=version))
                else:
                    written.append(FileOutput(path=mine["path"], blob=version))
        catalog.step_runs.record(
            StepRun(
                id=own["stepRun"],
                run=own["run"],
                step=StepId(notebook=own["notebook"], name=own["step"]),
                part=own["part"],
                state=State(own["state"]),
                entry=own.get("entry", ""),
                trace=tuple(trace),
                written=tuple(written),
                **sides,
            )
        )
    return catalog


def shape(found):
    """Return what a graph says of how all hangs together."""
    nodes = {(node.id, node.kind, node.level, node.name, node.part, node.notebook, node.state) for node in found.nodes}
    return nodes, {(edge.source, edge.target, edge.names) for edge in found.edges}


@pytest.fixture
def catalog(tmp_path):
    with open_catalog(str(tmp_path / "catalog.db")) as opened:
        yield opened


def put(catalog):
    catalog.runs.begin(run(1, path="train.ipynb", commit="abc", parameters={"lr": 0.1}, owner="ada"))
    load = step_run(2, "load", outputs={"rows": "v-rows", "again": "v-rows"}, trace=(file("data.csv"),))
    out = FileOutput(path="model.onnx", blob=digest("model"), size=7)
    train = step_run(3, "train", inputs={"rows": "v-rows"}, outputs={"model": "v-model"}, written=(out,))
    read = Observation(kind="file", name="model.onnx", version=digest("model"))
    check_it = step_run(4, "check", trace=(read,), outputs={"ok": "v-ok"})
    failed = step_run(5, "plot", inputs={"m": "v-model"}, state=State.FAILED, error="KeyError: 'a'", ended=6.0)
    going = step_run(7, "slow", inputs={"m": "v-model"}, state=State.RUNNING)
    again = hit(8, train)
    for each in (load, train, check_it, failed, going, again):
        catalog.step_runs.record(each)
    catalog.artifacts.put(artifact("v-model", type="sklearn.svm.SVC"), 3.0)
    return [load, train, check_it, failed, going, again]


def test_events_are_valid_and_tell_how_each_step_began_and_ended(catalog):
    runs = put(catalog)
    told = [check(event) for event in events(catalog, [each.id for each in runs])]
    kinds = {}
    for event in told:
        kinds.setdefault(event["run"]["facets"]["steppe"]["step"], []).append(event["eventType"])
    assert kinds == {
        "load": ["START", "COMPLETE"],
        "train": ["START", "COMPLETE"] * 2,
        "check": ["START", "COMPLETE"],
        "plot": ["START", "FAIL"],
        "slow": ["START"],
    }
    failed = next(event for event in told if event["eventType"] == "FAIL")
    assert failed["run"]["facets"]["errorMessage"]["message"] == "KeyError: 'a'"
    assert failed["run"]["facets"]["parent"]["run"]["runId"] == run_id(runs[0].run)


def test_a_value_has_one_name_where_it_is_made_and_where_it_is_read(catalog):
    runs = put(catalog)
    told = list(events(catalog, [each.id for each in runs]))
    made = next(each for each in told[3]["outputs"] if each["facets"]["steppe"].get("variables") == ["model"])
    read = told[-3]["inputs"]
    assert made["name"] == "train.ipynb/train.model"
    assert [(each["namespace"], each["name"]) for each in read] == [("steppe", "train.ipynb/load.again")] or (
        made["name"] in [each["name"] for event in told for each in event["inputs"]]
    )


def test_a_graph_made_from_the_events_is_the_catalogs(catalog, tmp_path):
    runs = put(catalog)
    told = json.loads(json.dumps(list(events(catalog, [each.id for each in runs]))))
    with rebuilt(told, tmp_path / "again.db") as again:
        for version in ("v-rows", "v-model", "v-ok"):
            before, after = (shape(graph_of(each, version)) for each in (catalog, again))
            assert before == after
            assert len(before[0]) > 2


WORDS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), min_size=1, max_size=6)
VERSIONS = st.sampled_from([f"v-{number}" for number in range(6)])
VALUES = st.dictionaries(WORDS, VERSIONS, max_size=3)
ENDED = st.sampled_from([State.SUCCEEDED, State.FAILED, State.CANCELLED])


@settings(max_examples=25)
@given(st.lists(st.tuples(WORDS, VALUES, VALUES, ENDED, st.lists(st.sampled_from("abc"), max_size=2)), max_size=6))
def test_any_history_comes_back_whole(tmp_path_factory, history):
    folder = tmp_path_factory.mktemp("history")
    with open_catalog(str(folder / "catalog.db")) as catalog:
        ids = []
        for number, (name, inputs, outputs, state, files) in enumerate(history):
            trace = tuple(file(f"/data/{each}") for each in dict.fromkeys(files))
            made = step_run(2 + number, name, inputs=inputs, outputs=outputs, state=state, trace=trace)
            catalog.step_runs.record(made)
            ids.append(made.id)
        told = [check(event) for event in events(catalog, ids)]
        with rebuilt(json.loads(json.dumps(told)), folder / "again.db") as again:
            for number in range(6):
                before, after = (shape(graph_of(each, f"v-{number}")) for each in (catalog, again))
                assert before == after
