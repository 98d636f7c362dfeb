"""Names that a cell streams and uses for nothing else."""

import pytest

from steppe.analysis.cell import analyse


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("for batch in steppe.stream(frame, 64): pass", {"frame"}),
        ("with steppe.stream(frame, 64) as one, steppe.stream(frame, 32) as two: pass", {"frame"}),
        ("steppe.stream({'x': images, 'y': labels}, 64)", {"images", "labels"}),
        ("steppe.stream(frame, len(frame))", set()),
        ("steppe.stream(frame, 64); frame['x'] = 1", set()),
        ("def f():\n    return steppe.stream(frame, 64)", {"frame"}),
        ("steppe.stream(frame.values, 64)", set()),
        ("steppe.stream([one, two], 64)", set()),
        ("other.stream(frame, 64)", set()),
        ("steppe.stream('prepare.frame', 64)", set()),
        ("print(frame)", set()),
        ("frame = steppe.stream(frame, 64)", set()),
    ],
)
def test_they_are_told_apart(code, found):
    assert analyse(code).streamed == found
