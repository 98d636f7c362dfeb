"""The figures of a step, as the comparison of runs asks for them."""

from __future__ import annotations

import nbformat

from steppe.notebooks.run import run_notebook
from tests.integration.server.notebooks import notebook

DRAW = """%%step draw
import matplotlib.pyplot as plt
import plotly.graph_objects as go
from PIL import Image

print("a line")
plt.plot([1, 3, 2])
plt.show()
kept = go.Figure(go.Scatter(y=[1, 3, 2]))
image = Image.new("RGB", (8, 8))
table = [1, 2]
go.Figure(go.Scatter(y=[1, 2]), layout={"title": "Fares"})"""


async def test_what_a_step_showed_and_what_it_kept_as_figures_is_told_of_hits_too(ask, project):
    nbformat.write(notebook("%load_ext steppe", DRAW, "%%step plain\nx = 1"), project / "book.ipynb")
    for _ in range(3):  # the first builds matplotlib's list of fonts, which the second then finds changed
        assert run_notebook(project / "book.ipynb").status == "succeeded"
    _, page = await ask("GET", "step-runs", step="draw")
    hit, execution, _ = page["items"]
    if execution["state"] == "hit":
        execution = page["items"][-1]
    assert (hit["state"], execution["state"]) == ("hit", "succeeded")
    status, told = await ask("GET", f"step-runs/{hit['id']}/figures")
    assert status == 200
    assert [(item["name"], sorted(item["data"]), bool(item["version"])) for item in told["items"]] == [
        ("", ["image/png"], False),
        ("Fares", ["application/vnd.plotly.v1+json"], False),
        ("image", [], True),
        ("kept", [], True),
    ]
    assert (await ask("GET", f"step-runs/{execution['id']}/figures"))[1] == told
    _, content = await ask("GET", f"artifacts/{told['items'][3]['version']}/content")
    assert "application/vnd.plotly.v1+json" in content["data"]
    _, page = await ask("GET", "step-runs", step="plain")
    assert (await ask("GET", f"step-runs/{page['items'][0]['id']}/figures"))[1] == {"items": []}
    assert (await ask("GET", "step-runs/nothing/figures"))[0] == 404
