"""What a step shows is cut into the same lines, whether all is there at once or comes in pieces."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from steppe.lineage.lines import Cut, lines
from steppe.types import Shown

TEXTS = st.text(st.sampled_from("ab\n\r"), max_size=6)
STREAMS = st.builds(
    lambda name, text: Shown(kind="stream", name=name, text=text), st.sampled_from(["stdout", "stderr"]), TEXTS
)
DISPLAYS = st.builds(
    lambda kind, text: Shown(kind=kind, data={"text/plain": text}), st.sampled_from(["display", "result"]), TEXTS
)


def out(text):
    return Shown(kind="stream", name="stdout", text=text)


@given(st.lists(STREAMS | DISPLAYS, max_size=12))
@example([out("a\r"), out("b"), out("\r\r"), out("\n")])
def test_lines_that_come_in_pieces_are_those_of_the_whole(shown):
    cut, found, certain = Cut(), {}, {}
    for item in shown:
        for line in cut.add([item]):
            found[line.number] = line
        assert all(found[number] == line for number, line in certain.items())
        certain = {number: found[number] for number in range(cut.certain)}
        assert len(found) == cut.total
    assert [found[number] for number in sorted(found)] == lines(shown)


def test_a_line_that_grows_is_told_again_with_its_number():
    cut = Cut()
    assert [(line.number, line.text) for line in cut.add([out("one\ntw")])] == [(0, "one"), (1, "tw")]
    assert [(line.number, line.text) for line in cut.add([out("o\nthree\n")])] == [(1, "two"), (2, "three")]
    assert (cut.total, cut.certain) == (3, 3)


def test_of_a_bar_that_writes_itself_a_thousand_times_only_the_last_is_kept():
    cut = Cut()
    for number in range(1000):
        told = cut.add([out(f"\r{number} of 1000")])
    assert [(line.number, line.text) for line in told] == [(0, "999 of 1000")]
    assert sum(map(len, cut._open)) < 30
