"""How far a step is by the bars that tqdm itself draws."""

from __future__ import annotations

import io

import pytest
from tqdm import tqdm

from steppe.lineage.bars import Bar, last_bar


def drawn(total, done, **options):
    """Return what tqdm writes for a loop that has come so far."""
    written = io.StringIO()
    bar = tqdm(total=total, file=written, mininterval=0, **options)
    bar.update(done)
    text = written.getvalue()
    bar.close()
    return text


@pytest.mark.parametrize(
    ("text", "bar"),
    [
        (drawn(10, 4), Bar(4, 10, "")),
        (drawn(10, 4, desc="reading"), Bar(4, 10, "reading")),
        (drawn(10, 10, ascii=True, ncols=60), Bar(10, 10, "")),
        (drawn(5_000_000, 2_500_000, unit="B", unit_scale=True), Bar(50, 100, "")),
        (drawn(None, 7), None),
        ("40% | of it\n12%|x", None),
        ("", None),
    ],
    ids=["a count", "a description", "letters alone", "scaled", "no total", "no bar", "nothing"],  # texts hold speeds
)
def test_a_bar_says_how_far_its_loop_is(text, bar):
    assert last_bar(text) == bar


def test_of_nested_loops_the_outer_one_counts():
    written = io.StringIO()
    for _ in tqdm(range(3), desc="outer", file=written, mininterval=0, position=0):
        for _ in tqdm(range(50), desc="inner", file=written, mininterval=0, position=1, leave=False):
            bar = last_bar(written.getvalue())
            assert bar is not None
            assert bar.text == "outer"
    assert last_bar(written.getvalue()) == Bar(3, 3, "outer")
