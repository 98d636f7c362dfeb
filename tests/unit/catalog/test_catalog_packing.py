"""What is packed comes back; what is stored can be stored, and told apart."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steppe.catalog import rows
from steppe.catalog.database import brief, pack, plain, stored, unpack
from steppe.catalog.found import Name, Note, Pin
from steppe.types import Artifact, Attempt, Claim, Entry, Observation, Part, Resources, Run, State, StepRun

ANY_TEXT = st.text(st.characters(exclude_categories=()))
NUMBERS = st.floats(allow_nan=False)
LEAVES = st.none() | st.booleans() | st.integers() | NUMBERS | ANY_TEXT | st.binary(max_size=9)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3))


@given(st.dictionaries(ANY_TEXT, VALUES))
def test_nested_values_come_back(value):
    assert unpack(pack(value), dict[str, Any]) == value


@given(st.lists(st.builds(Observation, kind=ANY_TEXT, name=ANY_TEXT, version=ANY_TEXT)).map(tuple))
def test_a_trace_comes_back_whatever_its_names(trace):
    assert unpack(pack(trace), tuple[Observation, ...]) == trace


def test_integers_beyond_64_bits_come_back_as_integers():
    value = {"big": 2**64, "small": -(2**63) - 1, "text": "\\i5", "fits": [2**64 - 1, -(2**63)]}
    assert unpack(pack(value), dict[str, Any]) == value


@pytest.mark.parametrize("empty", [(), {}, Resources()])
def test_what_is_empty_takes_no_place(empty):
    assert pack(empty) is None
    assert unpack(None, type(empty)) == empty


@given(ANY_TEXT)
def test_plain_text_can_be_held_by_any_database(text):
    held = plain(text)
    assert "\x00" not in held
    held.encode("utf-8")
    assert plain(held) == held
    if "\x00" not in text and text.isascii():
        assert held == text


@given(ANY_TEXT, st.integers(0, 300))
def test_brief_text_can_be_indexed_and_is_stable(text, times):
    held = brief(text * times)
    assert len(held.encode("utf-8")) <= 400
    assert brief(held) == held
    if len((text * times).encode("utf-8", "backslashreplace").replace(b"\0", b"....")) <= 100:
        assert held == plain(text * times)


def test_long_texts_that_differ_at_their_ends_stay_apart():
    assert brief("x" * 500 + "a") != brief("x" * 500 + "b")
    assert brief("🦔" * 100) == "🦔" * 100
    assert brief("🦔" * 101) != "🦔" * 101


def test_text_that_is_only_shown_is_not_cut():
    assert stored("why", "x" * 1000) == "x" * 1000
    assert stored("name", "x" * 1000) != "x" * 1000


EXAMPLES = {
    rows.RUN: Run(id="i", parameters={"n": 2**70}),
    rows.ATTEMPT: Attempt(id="a", step_run="s", state=State.LOST),
    rows.ENTRY: Entry(key="k", result="r", trace=(Observation(kind="file", name="\udcff", version="v"),)),
    rows.ARTIFACT: Artifact(version="v", type="t", detail={"a": "b"}),
    rows.CLAIM: Claim(key="k", holder="h"),
    rows.NOTE: Note(id="i", kind="run", subject="s", text="t"),
    rows.NAME: Name(name="n", version=None),
    rows.PIN: Pin(kind="run", target="t"),
}


@pytest.mark.parametrize("shape", EXAMPLES, ids=lambda shape: shape.kind.__name__)
def test_a_record_comes_back_from_its_row(shape):
    row = shape.row(EXAMPLES[shape])
    assert shape.record(list(row.values())) == EXAMPLES[shape]


@given(text=ANY_TEXT.map(lambda text: text * 50), kind=ANY_TEXT)
def test_a_text_that_no_column_can_hold_comes_back_exactly(text, kind):
    run = Run(id="i", notebook=text, path=text, kind=kind, commit="c")
    row = rows.RUN.row(run)
    assert all(len(str(value).encode()) <= 400 for name, value in row.items() if name != "more")
    assert rows.RUN.record(list(row.values())) == run


def test_a_field_that_is_added_later_is_its_default_in_older_rows():
    older = msgspec.defstruct("Older", [("id", str)], kw_only=True)
    newer = msgspec.defstruct("Newer", [("id", str), ("added", dict[str, int], {})], kw_only=True)
    row = rows.Shape(older, "id").row(older(id="x"))
    assert rows.Shape(newer, "id").record(list(row.values())) == newer(id="x", added={})
    back = rows.Shape(newer, "id").row(newer(id="x", added={"a": 1}))
    assert rows.Shape(older, "id").record(list(back.values())) == older(id="x")


def test_every_field_of_a_step_run_has_a_place():
    fields = set(StepRun.__struct_fields__)
    assert set(rows.STEP_RUN.columns) - fields == {"notebook"}
    more = set(rows.STEP_RUN._rest)
    assert fields == (set(rows.STEP_RUN.columns) - {"notebook"}) | more | {"source", "ingredients", "trace"}


def test_a_part_can_be_none():
    assert pack(None) is None
    assert unpack(pack(Part(names=("x",), format="npy")), Part) == Part(names=("x",), format="npy")
