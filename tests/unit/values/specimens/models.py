"""Specimens of libraries that draw, model and connect."""

import matplotlib as mpl
import networkx as nx
import numpy as np
import plotly.graph_objects as go
from matplotlib.figure import Figure
from PIL import Image
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC
from sklearn.utils import Bunch

X = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [3.0, 1.0], [0.5, 0.2], [2.5, 2.2]])
Y = np.array([0, 0, 1, 1, 0, 1])


def _figure(title: str = "t", y: int = 2) -> Figure:
    made = Figure()
    axes = made.subplots()
    axes.plot([1, y])
    axes.set_title(title)
    return made


def _image(mode: str = "RGB", colour: int | tuple = (1, 2, 3)) -> Image.Image:
    return Image.new(mode, (2, 3), colour)


def _graph(kind=nx.Graph, edges=((1, 2), (2, 3)), **attributes) -> nx.Graph:
    made = kind(edges)
    made.graph.update(attributes)
    return made


SPECIMENS = {
    "ridge": Ridge,
    "ridge of 2": lambda: Ridge(alpha=2),
    "ridge of 2.0": lambda: Ridge(alpha=2.0),
    "ridge fitted": lambda: Ridge().fit(X, Y),
    "ridge fitted on others": lambda: Ridge().fit(X, 1 - Y),
    "logistic": LogisticRegression,
    "logistic fitted": lambda: LogisticRegression().fit(X, Y),
    "scaler": lambda: StandardScaler().fit(X),
    "pipeline": lambda: make_pipeline(StandardScaler(), Ridge()),
    "pipeline of other": lambda: make_pipeline(StandardScaler(), Ridge(alpha=2)),
    "pipeline of other names": lambda: Pipeline([("a", StandardScaler()), ("b", Ridge())]),
    "pipeline fitted": lambda: make_pipeline(StandardScaler(), Ridge()).fit(X, Y),
    "columns": lambda: ColumnTransformer([("a", StandardScaler(), [0])]),
    "other columns": lambda: ColumnTransformer([("a", StandardScaler(), [1])]),
    "function": lambda: FunctionTransformer(np.log),
    "other function": lambda: FunctionTransformer(np.exp),
    "forest": lambda: RandomForestClassifier(3, random_state=0).fit(X, Y),
    "forest of other seed": lambda: RandomForestClassifier(3, random_state=1).fit(X, Y),
    "neighbours": lambda: KNeighborsClassifier(2).fit(X, Y),
    "vectors": lambda: SVC().fit(X, Y),
    "bunch": lambda: Bunch(data=X, target=Y),
    "bunch of other": lambda: Bunch(data=X, target=1 - Y),
    "figure": _figure,
    "figure of other title": lambda: _figure("u"),
    "figure of other data": lambda: _figure(y=3),
    "colour map": lambda: mpl.colormaps["viridis"],
    "other colour map": lambda: mpl.colormaps["plasma"],
    "norm": lambda: mpl.colors.Normalize(0, 1),
    "other norm": lambda: mpl.colors.Normalize(0, 2),
    "plotly": lambda: go.Figure(go.Scatter(y=[1, 2])),
    "plotly of other data": lambda: go.Figure(go.Scatter(y=[1, 3])),
    "plotly of other layout": lambda: go.Figure(go.Scatter(y=[1, 2]), layout={"title": "t"}),
    "graph": _graph,
    "graph, other order": lambda: _graph(edges=((2, 3), (1, 2))),
    "graph, other edge": lambda: _graph(edges=((1, 2), (1, 3))),
    "graph, directed": lambda: _graph(nx.DiGraph),
    "graph, multi": lambda: _graph(nx.MultiGraph),
    "graph, attribute": lambda: _graph(a=1),
    "graph, weights": lambda: nx.Graph([(1, 2, {"weight": 1})]),
    "graph, other weights": lambda: nx.Graph([(1, 2, {"weight": 2})]),
    "image": _image,
    "image of other colour": lambda: _image(colour=(1, 2, 4)),
    "image of grey": lambda: _image("L", 1),
    "image of alpha": lambda: _image("RGBA", (1, 2, 3, 255)),
    "image of other size": lambda: Image.new("RGB", (3, 2), (1, 2, 3)),
}
