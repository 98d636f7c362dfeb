"""What is taken from strangers: data. What may run code is not."""

from __future__ import annotations

import os
import pickle

import numpy as np
import pandas as pd
import pytest

from steppe.sharing.harmless import is_plain_html, is_plain_pickle, needs_trust
from steppe.types import FileOutput, Part, Result, Shown

FRAMES = [
    pd.DataFrame({"a": [1], "b": ["x"], "c": [1.5], "d": pd.to_datetime(["2020-01-01"])}),
    pd.DataFrame({"a": [1]}, index=pd.date_range("2020-01-01", periods=1)),
    pd.DataFrame({("a", "b"): [2]}),
    pd.DataFrame({1: pd.Categorical(["u"])}),
]


class Evil:
    def __reduce__(self):
        return os.system, ("true",)


def test_labels_of_frames_are_plain():
    for frame in FRAMES:
        for each in (frame.columns, frame.index, *frame.dtypes):
            assert is_plain_pickle(pickle.dumps(each, 5)), each


@pytest.mark.parametrize("evil", [Evil(), [Evil()], eval, np.array([Evil()], dtype=object), pd.Index([Evil()])])
def test_pickles_that_name_anything_else_are_not(evil):
    assert not is_plain_pickle(pickle.dumps(evil, 5))


@pytest.mark.parametrize("data", [b"", b"garbage", b"cos\nsystem\n(S'true'\ntR."])
def test_what_is_no_pickle_or_an_old_one_is_not(data):
    assert not is_plain_pickle(data)


def test_tables_and_text_are_plain_pages():
    assert is_plain_html(FRAMES[0].to_html())
    assert is_plain_html(FRAMES[0]._repr_html_())
    assert is_plain_html("a < b <b>bold</b>")


@pytest.mark.parametrize(
    "page",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<iframe src='//evil'></iframe>",
        "<style>b{background:url(//evil)}</style>",
        "<p style='background:URL(//evil)'>x</p>",
        "<svg><script>1</script></svg>",
        "<b onclick=1>x</b>",
        "<!--[if x]><script><![endif]-->",
        "<style><script>1</script></style>",
    ],
)
def test_pages_that_run_or_fetch_anything_are_not(page):
    assert not is_plain_html(page)
    assert needs_trust(Result(shown=(Shown(kind="display", data={"text/html": page}),)))


def test_results_in_open_formats_need_no_trust():
    parts = (Part(names=("a",), format="json", inline=b"1"), Part(names=("b",), format="npy", inline=b""))
    files = (FileOutput(path="out/table.csv", blob="b3:0"),)
    shown = (Shown(kind="display", data={"image/png": "aaaa", "text/plain": "x"}), Shown(kind="stream", text="x"))
    assert needs_trust(Result(parts=parts, files=files, shown=shown)) == []


@pytest.mark.parametrize(
    "result",
    [
        Result(parts=(Part(names=("a",), format="pickle", inline=b""),)),
        Result(parts=(Part(names=("a",), format="arrow", meta={"columns": pickle.dumps(Evil()), "index": b""}),)),
        Result(ambient={"environment": "ambient:environment"}),
        Result(module_state={"os:x": "y"}),
        Result(files=(FileOutput(path="helpers.py", blob="b3:0"),)),
        Result(files=(FileOutput(path="../table.csv", blob="b3:0"),)),
        Result(files=(FileOutput(path="table.csv", blob="b3:0", mode=0o755),)),
        Result(files=(FileOutput(path="table.csv", blob=None),)),
        Result(shown=(Shown(kind="display", data={"application/javascript": "1"}),)),
        Result(shown=(Shown(kind="display", data={"image/svg+xml": "<svg/>"}),)),
    ],
)
def test_what_may_run_code_needs_trust(result):
    assert needs_trust(result)
