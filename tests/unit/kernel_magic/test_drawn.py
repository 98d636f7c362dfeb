"""What was drawn comes back from a hit so that it follows what later cells do to it, as in plain IPython."""

from __future__ import annotations

import gc
import re

import pytest

FIGURE = (
    "from matplotlib.figure import Figure\nfrom matplotlib.backends.backend_agg import FigureCanvasAgg\n"
    "fig = Figure(figsize=(2, 2))\ncanvas = FigureCanvasAgg(fig)\nax = fig.add_subplot()\ndel canvas"
)
PICTURE = "import hashlib\nfig.canvas.draw()\nhashlib.sha256(fig.canvas.buffer_rgba()).hexdigest()[:16]"
EVENT = "type('Event', (), dict(canvas=fig.canvas, x=1, y=1))"
DRAWN = {
    "a line in axes that live": ([FIGURE, "line, = ax.plot([1, 2, 3])"], "line.set_data([0, 5], [0, 9])\n" + PICTURE),
    "limits that were set": ([FIGURE, "ax.plot([1, 2])", "ax.set_xlim(0, 4)"], "ax.autoscale()\n" + PICTURE),
    "a title": ([FIGURE, "title = ax.set_title('one')\nfig.canvas.draw()"], "title.set_text('two')\n" + PICTURE),
    "a transform over one that lives": (
        [
            FIGURE,
            "from matplotlib.transforms import Affine2D",
            "moved = ax.transData + Affine2D().translate(3, 4)\nbefore = moved.transform((1, 1)).tolist()",
        ],
        "ax.set_xlim(0, 99)\nbefore, moved.transform((1, 1)).tolist()",
    ),
    "a transform that was changed": (
        [
            FIGURE,
            "from matplotlib.transforms import Affine2D",
            "shift = Affine2D()\nboth = shift + ax.transAxes\nboth.transform((0, 0)).tolist()",
            "shift.translate(1, 1)",
        ],
        "shift.scale(2)\nboth.transform((0, 0)).tolist()",
    ),
    "a colour bar": (
        [FIGURE, "image = ax.imshow([[1, 2], [3, 4]])", "bar = fig.colorbar(image)"],
        "image.set_clim(0, 10)\n" + PICTURE + ", bar.vmax",
    ),
    "a callback": (
        [
            FIGURE,
            "seen = []\ndef note(axes):\n    seen.append(tuple(map(float, axes.get_xlim())))",
            "cid = ax.callbacks.connect('xlim_changed', note)",
        ],
        "ax.set_xlim(3, 4)\nseen, cid, ax.callbacks.connect('ylim_changed', note)",
    ),
    "a callback that was taken back": (
        [
            FIGURE,
            "seen = []\ndef note(axes):\n    seen.append(1)",
            "cid = ax.callbacks.connect('xlim_changed', note)",
            "ax.callbacks.disconnect(cid)",
        ],
        "ax.set_xlim(3, 4)\nseen",
    ),
    "what has drawn two titles": (
        [FIGURE, "title = ax.set_title('one')\nlabel = ax.set_xlabel('two')\nfig.canvas.draw()"],
        "title._renderer is label._renderer, title._renderer.dpi, title.contains(" + EVENT + ")",
    ),
    "what is stale": (
        [FIGURE, "line, = ax.plot([1])\nfig.canvas.draw()"],
        "line.set_color('red')\nax.stale, fig.stale",
    ),
    "shared axes": (
        [FIGURE, "other = ax.twinx()\nother.plot([1, 2])"],
        "ax.set_xlim(0, 7)\nother.get_xlim()[1] == 7, " + "len(ax.get_shared_x_axes().get_siblings(ax))",
    ),
    "the order of a figure's properties in Plotly": (
        [
            "import json\nimport plotly.graph_objects as go",
            "f = go.Figure(go.Scatter(y=[3, 1], x=[1, 2], marker={'size': 1}), layout={'height': 90})",
        ],
        "json.dumps(f.to_dict()), json.dumps(f.data[0].to_plotly_json())",
    ),
    "the canvas of a closed figure": (
        [
            "import matplotlib.pyplot as plt",
            "fig, ax = plt.subplots()\nplt.close(fig)",
        ],
        "type(fig.canvas).__name__, fig.canvas.manager.get_window_title(), fig.canvas.mpl_connect('draw_event', print)",
    ),
}


@pytest.mark.parametrize(("kept", "last"), DRAWN.values(), ids=DRAWN)
def test_what_was_drawn_follows_a_cell_after_hits(notebook, monkeypatch, kept, last):
    monkeypatch.setenv("MPLBACKEND", "agg")

    def ran(cells, **as_step):
        notebook.shell.execution_count = 1
        shown = [notebook.run(cell, cell_id=f"c{number}", **as_step) for number, cell in enumerate(cells)]
        return [re.sub("0x[0-9a-f]+", "0x…", each) for each in shown]

    plain = ran([*kept, last])
    notebook.restart()
    ran(kept, step=True)
    notebook.restart()
    warm = ran([*kept, last], step=True)
    assert warm == plain, [(str(s.state), s.why) for s in notebook.steps]
    said = [(str(s.state), s.why) for s in notebook.steps[: len(kept)]]
    assert all(state in {"hit", "setup"} for state, _ in said), said


def test_collections_at_all_times_do_no_harm_to_what_was_drawn(notebook, monkeypatch):
    """Proofs throw away whole figures: once what was left of a proof crashed the next collection."""
    monkeypatch.setenv("MPLBACKEND", "agg")
    cells = [FIGURE, "import numpy as np\nimage = ax.imshow(np.eye(200))", "bar = fig.colorbar(image)", PICTURE]
    thresholds = gc.get_threshold()
    shown = []
    for _ in range(2):
        notebook.restart()
        notebook.shell.execution_count = 1
        gc.set_threshold(1, 1, 1)
        try:
            shown.append([notebook.run(cell, cell_id=f"c{at}", step=True) for at, cell in enumerate(cells)][-1])
        finally:
            gc.set_threshold(*thresholds)
        gc.collect()
    assert shown[0] == shown[1]
    assert [str(step.state) for step in notebook.steps] == ["hit"] * len(cells)
