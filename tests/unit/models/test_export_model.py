"""`steppe.export_model`: real conversions, run by onnxruntime, beside what the models give."""

from __future__ import annotations

import pickle
import sys

import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC

import steppe
from steppe.errors import InexactModel, UsageError

X, Y = load_iris(return_X_y=True)
DRAWN = np.random.default_rng(0).normal(size=(150, 4))
"""Trees round their thresholds to 32 bits, so values that lie on one may go the other way: here none does."""
TEXTS = np.array(["setosa", "versicolor", "virginica"])[Y]
FRAME = load_iris(as_frame=True).frame.drop(columns="target").assign(place=["a", "b", "c"] * 50)
NUMBERS = list(FRAME.columns[:4])
MIXED = make_pipeline(
    make_column_transformer((OneHotEncoder(), ["place"]), (StandardScaler(), NUMBERS)), LogisticRegression(max_iter=500)
)
MODELS = {
    "a pipeline": (make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)).fit(X, Y), X),
    "labels of text": (LogisticRegression(max_iter=500).fit(X, TEXTS), X),
    "a forest": (RandomForestClassifier(10, random_state=0).fit(DRAWN, Y), DRAWN),
    "a support vector machine": (SVC().fit(X, Y), X),
    "boosted trees": (GradientBoostingRegressor(n_estimators=20, random_state=0).fit(X[:, :3], X[:, 3]), X[:, :3]),
    "a line": (Ridge().fit(X[:, :3], X[:, 3]), X[:, :3]),
    "clusters": (KMeans(3, n_init=1, random_state=0).fit(X), X),
    "a transformer": (PCA(2).fit(X), X),
    "a frame of numbers and text": (MIXED.fit(FRAME, Y), FRAME),
    "32-bit floats": (Ridge().fit(X[:, :3].astype("float32"), X[:, 3]), X[:, :3].astype("float32")),
}


def given(model, sample):
    """Return what a model gives, as its ONNX has it."""
    if hasattr(model, "predict_proba"):
        return [model.predict(sample), model.predict_proba(sample)]
    if hasattr(model, "decision_function"):
        return [model.predict(sample), model.decision_function(sample)]
    if hasattr(model, "transform"):
        return [*([model.predict(sample)] if hasattr(model, "predict") else []), model.transform(sample)]
    return [model.predict(sample)]


@pytest.mark.parametrize("name", MODELS)
def test_what_comes_out_gives_what_the_model_gives_also_on_other_rows(name):
    model, sample = MODELS[name]
    exported = steppe.export_model(model, sample[:60])
    onnx.checker.check_model(exported.proto())
    for wanted, got in zip(given(model, sample), exported.run(sample), strict=True):
        if wanted.dtype.kind == "f":
            np.testing.assert_allclose(got.reshape(wanted.shape), wanted, rtol=1e-3, atol=1e-5)
        else:
            assert (got == wanted).all()
    check = exported.check
    assert check.batch
    assert check.model == f"sklearn.{type(model).__name__}"
    assert check.size == len(pickle.dumps(model, protocol=5))
    assert all(each.differ == 0 and each.shape[0] == 60 for each in check.outputs)
    assert min(exported.latency) > 0


def test_the_same_model_is_the_same_file():
    model, sample = MODELS["a pipeline"]
    assert steppe.export_model(model, sample) == steppe.export_model(model, sample)


def test_the_file_runs_without_steppe(tmp_path):
    model, sample = MODELS["a line"]
    path = tmp_path / "line.onnx"
    steppe.export_model(model, sample, path=str(path))
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    np.testing.assert_allclose(session.run(None, {name: sample})[0].ravel(), model.predict(sample), rtol=1e-6)


def test_the_table_has_errors_size_and_latency():
    exported = steppe.export_model(*MODELS["a forest"])
    for text in (repr(exported), exported._repr_html_()):
        assert all(word in text for word in ("max abs error", "max rel error", "probabilities", "size", "latency"))
    largest = max(np.abs(exported.run(DRAWN)[1] - MODELS["a forest"][0].predict_proba(DRAWN)).max(), 0.0)
    assert exported.check.outputs[1].absolute == pytest.approx(largest)


def test_what_is_beyond_the_tolerance_is_refused_with_the_numbers():
    model, sample = MODELS["a forest"]
    with pytest.raises(
        InexactModel, match=r"`probabilities` differs at \d+ of 450 places \(at most by .*atol=0 and rtol=0"
    ):
        steppe.export_model(model, sample, rtol=0, atol=0)


def test_labels_may_not_differ_at_all(monkeypatch):
    from steppe.models import sklearn_models

    model, sample = MODELS["labels of text"]
    real = sklearn_models.expected

    def others(model, sample):
        labels, scores = real(model, sample)
        return [np.where(np.arange(len(labels)) < 2, "none", labels), scores]

    monkeypatch.setattr(sklearn_models, "expected", others)
    with pytest.raises(InexactModel, match="`label` differs at 2 of 150 places"):
        steppe.export_model(model, sample, rtol=1, atol=1)


class Odd(ClassifierMixin, BaseEstimator):
    """An estimator that no converter knows."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        return np.full((len(X), 2), 0.5)

    def predict(self, X):
        return self.classes_[np.zeros(len(X), int)]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (
            lambda: steppe.export_model({}, X),
            "takes estimators of scikit-learn and modules of PyTorch, not builtins.dict",
        ),
        (lambda: steppe.export_model(MODELS["a line"][0], X[0]), "a frame or an array of rows and columns"),
        (lambda: steppe.export_model(MODELS["a line"][0], X[:0, :3]), "no rows"),
        (lambda: steppe.export_model(MODELS["a line"][0], X[:, :3], to="coreml"), "no target 'coreml'"),
        (lambda: steppe.export_model(MODELS["a line"][0], X[:, :3], to="tensorrt"), "needs TensorRT"),
        (lambda: steppe.export_model(Odd().fit(X, Y > 0), X), "test_export_model.Odd has no form in ONNX"),
    ],
)
def test_what_can_not_be_exported_says_why(call, says):
    with pytest.raises(UsageError, match=says):
        call()


@pytest.mark.filterwarnings("ignore:Specified provider")
def test_a_check_that_tensorrt_did_not_run_is_not_said_to_be_its_own(monkeypatch):
    import onnxruntime

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["TensorrtExecutionProvider"])
    with pytest.raises(UsageError, match="could not start it here"):
        steppe.export_model(*MODELS["a line"], to="tensorrt")


@pytest.mark.parametrize("package", ["onnxruntime", "skl2onnx"])
def test_a_missing_package_is_named(package, monkeypatch):
    from importlib import util

    real = util.find_spec
    monkeypatch.setattr(util, "find_spec", lambda name, *rest: None if name == package else real(name, *rest))
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UsageError, match=rf"needs {package}.*pip install 'steppe\[onnx\]'"):
        steppe.export_model(*MODELS["a line"])


def test_importing_steppe_loads_none_of_it():
    import subprocess

    code = "import sys, steppe; print([m for m in ('onnx', 'onnxruntime', 'skl2onnx', 'numpy') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_frame_keeps_its_columns_apart():
    exported = steppe.export_model(*MODELS["a frame of numbers and text"])
    assert len(exported.session().get_inputs()) == len(FRAME.columns)
    few = pd.DataFrame(FRAME.iloc[[149, 0]])
    assert exported.run(few)[0].tolist() == MIXED.predict(few).tolist()
