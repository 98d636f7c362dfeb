"""An exported model as a step's variable and as its file: kept as ONNX, cached, and there again on a hit."""

from __future__ import annotations

import onnx

from steppe.catalog import open_catalog

TRAIN = """%%step train
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
X, y = load_iris(return_X_y=True)
model = LogisticRegression(max_iter=500).fit(X, y)"""
EXPORT = """%%step export
import steppe
exported = steppe.export_model(model, X[:50], path="model.onnx")
exported.run(X)
print(exported)"""


def test_it_is_kept_as_onnx_and_there_again_on_a_hit(notebook):
    notebook.run("%load_ext steppe")
    notebook.run(TRAIN)
    assert "max abs error" in notebook.run(EXPORT)
    assert notebook.states[-2:] == ["succeeded", "succeeded"]
    first = notebook["exported"]
    path = notebook.folder / "model.onnx"
    assert path.read_bytes() == first.data
    path.unlink()
    notebook.restart()
    notebook.run(TRAIN)
    assert "max abs error" in notebook.run(EXPORT)
    assert notebook.states == ["hit", "hit"], notebook.run("%steppe why export")
    again = notebook["exported"]
    assert again == first
    assert again.run(notebook["X"])[0].tolist() == notebook["model"].predict(notebook["X"]).tolist()
    onnx.checker.check_model(onnx.load(path))
    with open_catalog(str(notebook.folder / ".steppe/catalog.db")) as catalog:
        sizes = [each.size for each in catalog.artifacts.list().items if each.type.endswith("ExportedModel")]
    assert sizes == [len(first.data)], "it is the file itself, not a pickle of it"
