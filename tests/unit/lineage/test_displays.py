"""What two executions have shown: what a reader sees differs is named, and how; what no reader sees is not."""

from __future__ import annotations

import base64
import io

import matplotlib as mpl
import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from matplotlib.figure import Figure
from PIL import Image, PngImagePlugin

from steppe.lineage.closeness import Tolerance
from steppe.lineage.displays import apart
from steppe.lineage.pixels import apart as pixels_apart
from steppe.types import Shown

EXACTLY = Tolerance()


def out(text):
    return Shown(kind="stream", name="stdout", text=text)


def err(text):
    return Shown(kind="stream", name="stderr", text=text)


def display(kind="display", display_id="", **data):
    return Shown(kind=kind, data={mime.replace("_", "/"): each for mime, each in data.items()}, display_id=display_id)


def html(text):
    return display(text_html=text, text_plain="<HTML>")


def compared(was, now, tolerance=EXACTLY):
    return apart((was,), (now,), tolerance)


def png(pixels, **words):
    told = PngImagePlugin.PngInfo()
    for name, word in words.items():
        told.add_text(name, word)
    file = io.BytesIO()
    Image.fromarray(np.asarray(pixels, np.uint8)).save(file, "png", pnginfo=told)
    return file.getvalue()


def picture(pixels, **words):
    return display(image_png=base64.b64encode(png(pixels, **words)).decode(), text_plain="<Figure>")


def drawn(make):
    file = io.BytesIO()
    figure = Figure(figsize=(2, 2))
    make(figure.subplots())
    figure.savefig(file, format="svg")
    return Shown(kind="display", data={"image/svg+xml": file.getvalue().decode()})


GREY = np.full((4, 5, 3), 128)
SPOTTED = GREY.copy()
SPOTTED[0, 1] = SPOTTED[3, 4, 2] = 7


def test_a_picture_is_compared_by_its_pixels_whatever_else_its_file_says():
    assert not compared(picture(GREY, Software="one"), picture(GREY, Software="other"))
    assert compared(picture(GREY), picture(SPOTTED)) == {
        "the picture that it shows (image/png)": "differs in 2 of 20 pixels"
    }
    assert compared(picture(GREY), picture(GREY[:2])) == {
        "the picture that it shows (image/png)": "has 5 x 2 pixels, and had 5 x 4"
    }


def test_pixels_of_all_kinds():
    grey = np.full((2, 2), 9, np.uint8)
    assert not pixels_apart(png(grey), png(np.stack([grey] * 3, axis=-1)))
    see_through = np.full((2, 2, 4), 255, np.uint8)
    fainter = see_through.copy()
    fainter[0, 0, 3] = 254
    assert pixels_apart(png(see_through), png(fainter)) == "differs in 1 of 4 pixels"
    files = []
    for level in (1000, 1001):
        file = io.BytesIO()
        Image.fromarray(np.full((2, 2), level, np.uint16)).save(file, "png")
        files.append(file.getvalue())
    assert "differs in" in pixels_apart(*files)
    assert "can't be read" in pixels_apart(png(grey), b"no picture")


def test_one_of_several_pictures_is_told_by_its_number():
    was, now = (tuple(map(picture, each)) for each in ((GREY, GREY, GREY), (GREY, SPOTTED, GREY)))
    assert list(apart(was, now, EXACTLY)) == ["the picture that it shows (output 2, image/png)"]


def test_the_same_drawing_in_svg_has_other_names_of_its_parts():
    def line(axes):
        axes.plot([1, 2, 3], marker="o")
        axes.set_title("a title")

    def higher(axes):
        axes.plot([1, 2, 4], marker="o")
        axes.set_title("a title")

    with mpl.rc_context({"svg.hashsalt": None}):
        was, same, other = drawn(line), drawn(line), drawn(higher)
    assert was != same
    assert not compared(was, same)
    assert list(compared(was, other)) == ["the picture that it shows (image/svg+xml)"]


def test_figures_of_plotly_have_drawn_names_in_html_and_none_in_data():
    def shown(number):
        figure = go.Figure(go.Scatter(x=np.arange(3.0), y=np.array([1.0, 2.0, number])))
        return display(
            **{"application_vnd.plotly.v1+json": figure.to_plotly_json()},
            text_html=figure.to_html(full_html=False, include_plotlyjs=False),
        )

    was, same, other = shown(3.0), shown(3.0), shown(3.0 + 1e-9)
    assert was.data["text/html"] != same.data["text/html"]
    assert not compared(was, same)
    name = "the figure that it shows (application/vnd.plotly.v1+json)"
    assert compared(was, other) == {name: "differs at data[0].y"}
    assert not compared(was, other, Tolerance(rtol=1e-6))
    assert name in compared(was, shown(4.0), Tolerance(rtol=1e-6))


def test_the_script_that_plotly_loads_with_the_first_figure_of_a_process_is_no_output(monkeypatch):
    from plotly.io import _base_renderers as renderers

    told = []
    monkeypatch.setattr(renderers.ipython_display, "display_html", lambda text, **_: told.append(text))
    renderers.NotebookRenderer(connected=True).activate()
    (text,) = told
    loads = display(text_html=text)
    assert not apart((html("a"),), (loads, html("a")), EXACTLY)
    assert list(apart((html("a"),), (loads, html("b")), EXACTLY)) == ["what it shows (text/html)"]
    assert list(apart((), (display(text_html=f"{text}seen"),), EXACTLY)) == ["the number of its outputs"]


def test_tables_of_pandas_have_drawn_names_too():
    def styled(number):
        return html(pd.DataFrame({"a": [number, 2.0]}).style.highlight_max(color="red").to_html())

    was, same = styled(1.0), styled(1.0)
    assert was != same
    assert not compared(was, same)
    assert list(compared(was, styled(1.5))) == ["what it shows (text/html)"]
    assert not compared(styled(1.0), styled(1.0 + 1e-9), Tolerance(rtol=1e-6))


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (
            '<div id="sk-container-id-1" class="x">#sk-container-id-1 {}',
            '<div id="sk-container-id-7" class="x">#sk-container-id-7 {}',
        ),
        ('{"id":"p1001","data":{"id":"p1002"}}', '{"id":"p1091","data":{"id":"p1092"}}'),
        (
            "<div id='altair-viz-f847f7d29d364890a5b462ba60e6cb83'>",
            "<div id='altair-viz-51c88310c82549a39a84865f1dfc4de9'>",
        ),
        ("<pre>&lt;Thing at 0x7f0000000010&gt;</pre>", "<pre>&lt;Thing at 0x7f0000000020&gt;</pre>"),
    ],
)
def test_names_of_elements_and_addresses_are_for_no_reader(was, now):
    assert not compared(html(was), html(now))


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (
            "<b>6acb97f1-1106-47f6-9373-772eacf4d7c4</b>",
            "<b>2f564b97-1989-4d22-97e5-e5d83e729e44</b>",
        ),  # a name that is shown, and names nothing
        ('<i id="p1001"><i id="p1002"><a href="#p1001">', '<i id="p1001"><i id="p1002"><a href="#p1002">'),
        ('<i id="plain">', '<i id="other">'),
    ],
)
def test_what_is_shown_or_means_something_else_is_a_difference(was, now):
    assert list(compared(html(was), html(now))) == ["what it shows (text/html)"]


def test_addresses_in_what_python_shows_are_no_difference_and_other_numbers_are():
    assert not compared(out("<object object at 0x7f10>\n"), out("<object object at 0x7f90>\n"))
    assert compared(out("it is\n0x7f10"), out("it is\n0x7f90")) == {
        "what it printed": "differs first in line 2: `0x7f90`, and was `0x7f10`"
    }


def test_text_in_a_long_line_is_told_from_shortly_before_it_differs():
    (how,) = compared(err("x" * 200 + "1" + "y" * 90), err("x" * 200 + "2" + "y" * 90)).values()
    assert how == (f"differs first in line 1: `…{'x' * 25}2{'y' * 24}…`, and was `…{'x' * 25}1{'y' * 24}…`")


def bar(*seconds, width=10, end="loss=0.5"):
    text = ""
    for number, second in enumerate(seconds):
        times = f"00:0{second}<00:0{9 - second}, {second + 1.25:.2f}it/s"
        text += f"\r {number * 50}%|{'█' * width}| {number}/2 [{times}, {end}]"
    return err(text + "\n")


def test_lines_that_are_written_over_count_as_they_end_and_without_their_times():
    assert not compared(bar(0, 1, 2), bar(0, 3, 4))
    assert not compared(bar(0, 1, width=10), bar(0, 1, width=40))
    assert list(compared(bar(0, 1), bar(0, 1, end="loss=0.6"))) == ["what it wrote to stderr"]
    assert list(compared(bar(0, 1), bar(0, 1, 2))) == ["what it wrote to stderr"]
    keras = "\r1/2 ━━ {0}s {0}ms/step - loss: 0.9\r2/2 ━━━━ {0}s {0}ms/step - loss: {1}\n"
    assert not compared(out(keras.format(1, 0.5)), out(keras.format(12, 0.5)))
    assert list(compared(out(keras.format(1, 0.5)), out(keras.format(1, 0.25)))) == ["what it printed"]


def test_bars_inside_of_bars_move_up_and_are_written_over():
    def nested(updates):
        inner = "".join(f"\n\r inner 1/1 [00:0{number}<00:00, 2it/s]\x1b[A" for number in range(updates))
        return err(f"\r outer 0/1{inner}\r outer 1/1 [00:0{updates}<?, 9s/it]\n")

    assert not compared(nested(1), nested(5))


def test_a_line_that_is_not_written_over_keeps_its_times():
    assert list(compared(out("took 3 s\n"), out("took 4 s\n"))) == ["what it printed"]
    assert list(compared(out("took 3 s\r\n"), out("took 4 s\r\n"))) == ["what it printed"]


WARNED = "/tmp/ipykernel_7/1.py:3: UserWarning: {}\n  warn(x)\n"


def test_a_warning_that_python_shows_once_in_a_process_may_be_there_or_not():
    assert not compared(err("begun\nended\n"), err(f"begun\n{WARNED.format('odd')}ended\n"))
    assert not compared(err(WARNED.format("odd")), err(WARNED.format("odd").replace("_7", "_8")))
    assert compared(err(WARNED.format("odd 1")), err(WARNED.format("odd 2"))) == {
        "what it wrote to stderr": "has another warning: `odd 2`"
    }
    long = "/lib/a.py:9: SettingWithCopyWarning: \nA value is set.\n\nSee the docs.\n  df['a'] = 1\n"
    assert not compared(err(f"{long}ended\n"), err("ended\n"))
    assert list(compared(err(f"{long}ended\n"), err("other\n"))) == ["what it wrote to stderr"]


def test_what_was_cleared_or_updated_counts_as_it_is_left():
    page = (out("1%"), Shown(kind="clear", wait=True), html("a"), display("display", "bar", text_plain="1 of 2"))
    slow = (*page, display("update", "bar", text_plain="2 of 2"))
    fast = (out("7%"), *page[1:3], display("display", "bar", text_plain="2 of 2"))
    assert not apart(slow, fast, EXACTLY)
    assert list(apart(page, slow, EXACTLY)) == ["what it shows (output 2, text/plain)"]
    assert not apart((out("gone"), Shown(kind="clear")), (), EXACTLY)
    assert list(apart((out("stays"), Shown(kind="clear", wait=True)), (), EXACTLY)) == ["what it printed"]


def test_outputs_that_are_more_or_of_other_types_are_named():
    assert apart((html("a"),), (html("a"), html("b")), EXACTLY) == {"the number of its outputs": "is 2, and was 1"}
    assert compared(display(text_plain="a"), display(text_plain="a", text_latex="$a$")) == {
        "what it shows (text/latex)": "is there only this time"
    }


def test_only_the_best_representation_is_named_and_a_value_that_differs_by_itself_not_again():
    was, now = (display("result", text_html=f"<b>{each}</b>", text_plain=each) for each in "ab")
    assert list(compared(was, now)) == ["what it shows (text/html)"]
    assert not apart((was,), (now,), EXACTLY, value_too=False)
