"""Which of the things that a cell showed are its figures."""

from __future__ import annotations

from steppe.lineage.figures import PLOTLY, _figure, _last
from steppe.types import Shown


def shown(kind="display", display_id="", **data):
    return Shown(kind=kind, display_id=display_id, data={mime.replace("_", "/"): value for mime, value in data.items()})


def test_what_was_cleared_is_none_and_an_updated_display_is_one():
    first, second = shown(image_png="a"), shown(image_png="b", display_id="d")
    third = shown("update", display_id="d", image_png="c")
    text = shown("result", text_plain="d")
    assert _last((first, second, third, text, Shown(kind="stream", text="e"))) == [first, third]
    assert _last((first, Shown(kind="clear"), second)) == [second]


def test_a_figure_is_named_by_its_title_however_that_is_written():
    for layout, name in (({"title": {"text": "Fares"}}, "Fares"), ({"title": "Fares"}, "Fares"), ({}, ""), (None, "")):
        assert _figure(Shown(kind="display", data={PLOTLY: {"layout": layout}})).name == name
    assert _figure(shown(image_png="a")).data == {"image/png": "a"}
