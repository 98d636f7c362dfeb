"""One thing on the line of `%%step` is changed, and the rest stays as it was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steppe.analysis.lineedit import edited, problem, shown
from steppe.errors import BadOption, UnknownOption, UsageError


@pytest.mark.parametrize(
    ("line", "changes", "name", "wanted"),
    [
        ("train gpu=1  memory='16 Gi'", {"gpu": "2"}, None, "train gpu=2 memory='16 Gi'"),
        ("train gpu=1 memory=16Gi", {"gpu": None}, None, "train memory=16Gi"),
        ("train gpu=1", {"gpu": ""}, "fit", "fit"),
        ("", {"memory": "16Gi", "cpu": "2"}, "a b", '"a b" cpu=2 memory=16Gi'),
        ("'my model' gpus=1 on=process", {"on": "ray"}, None, "'my model' gpus=1 on=ray"),
        ("train files={[p for p in paths]}", {"wait": "false"}, None, "train files={[p for p in paths]} wait=false"),
        ("train", {"files": "a b.csv,c.csv"}, None, 'train files="a b.csv,c.csv"'),
        ("train", {"files": 'say "a".csv'}, None, "train files='say \"a\".csv'"),
        ("train", {"source": "{max(t.updated)}"}, None, "train source={max(t.updated)}"),
        ("train gpu=1", {}, "", "gpu=1"),
        ("gpu=1", {}, "train", "train gpu=1"),
    ],
)
def test_a_change_leaves_the_rest_as_it_is_written(line, changes, name, wanted):
    assert edited(line, changes, name=name) == wanted


@given(
    st.sampled_from(["files", "on", "profile"]),
    st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="{}"), min_size=1),
)
def test_what_is_written_is_what_is_read(key, value):
    line = edited("train gpu=1", {key: value})
    assert shown(line) == ("train", {"gpu": "1", key: value})


def test_what_can_not_be_written_is_refused():
    with pytest.raises(UnknownOption):
        edited("train", {"gpus": "1"})
    with pytest.raises(BadOption):
        edited("train", {"files": "{open"})
    with pytest.raises(UsageError):
        edited("train files='a", {"gpu": "1"})


def test_what_is_wrong_with_a_line_is_said():
    assert problem("train gpu=1") == ""
    assert "gpu" in problem("train gpu=many")
    assert "twice" in problem("train gpu=1 gpu=2")
