"""What a run has to be held against another: its numbers, its values, the figures of its steps."""

from __future__ import annotations

import difflib
import math
from typing import Any

from steppe.catalog import Catalog
from steppe.errors import SteppeError, UsageError
from steppe.finding import execution_of
from steppe.lineage.figures import Figure, figures_of
from steppe.loading import Loading
from steppe.sharing.report import steps_of
from steppe.store.store import Store
from steppe.types import Artifact, StepRun
from steppe.values import families as families  # registers the encoders
from steppe.values.codes import CodeTable
from steppe.worker.sources import Sources

LARGEST = 256 << 20
"""Bytes of a value that is loaded to be compared."""


class Held:
    """A run.

    Attributes:
        run: its id.
        steps: its StepRuns by name.
        metrics: the last number of each series, by name and by `step.name`.
    """

    def __init__(self, catalog: Catalog, store: Store, run: str) -> None:
        self._catalog, self._store = catalog, store
        self.run = run
        found = steps_of(catalog, run)
        self.steps: dict[str, StepRun] = {step.step.name: step for step in found}
        self.values: dict[str, tuple[StepRun, str]] = {}
        for step in found:
            for name in (each for each in step.outputs if each.isidentifier()):
                self.values[name] = self.values[f"{step.step.name}.{name}"] = (step, name)
        self.metrics: dict[str, float] = {}
        latest = catalog.metrics.latest(step.id for step in found)
        for step in found:
            for metric in latest[step.id] or catalog.metrics.latest([step.entry]).get(step.entry, []):
                self.metrics[metric.name] = self.metrics[f"{step.step.name}.{metric.name}"] = metric.value
        sources = Sources()
        self._loading = Loading(catalog, store, sources, CodeTable(sources.locate), None)

    def number(self, name: str) -> float:
        """Return a number that was logged, or a variable that is one.

        Raises:
            UsageError: nothing is called so, or it is no number.
        """
        if name in self.metrics:
            return self.metrics[name]
        value = self.value(name)
        try:
            return float(value)
        except (TypeError, ValueError) as error:
            raise UsageError(f"`{name}` is no number, but a {type(value).__name__}.") from error

    def value(self, name: str) -> Any:
        """Return a variable that a step has bound.

        Raises:
            UsageError: nothing is called so, or it can't be loaded.
        """
        if name not in self.values:
            known = {*self.values, *self.metrics}
            near = difflib.get_close_matches(name, sorted(known), n=1)
            hint = f": did you mean `{near[0]}`?" if near else "."
            raise UsageError(f"the run {self.run[:14]} has no number and no value `{name}`{hint}")
        step, variable = self.values[name]
        artifact = self.artifact(name)
        if artifact is not None and artifact.size > LARGEST:
            raise UsageError(f"`{name}` is too large to be compared.")
        try:
            return self._loading.value(execution_of(self._catalog, step), variable)
        except (SteppeError, AssertionError) as error:
            raise UsageError(f"`{name}` of the run {self.run[:14]} can't be loaded: {error}") from error

    def version(self, name: str) -> str:
        """Return the data version of a variable."""
        step, variable = self.values[name]
        return step.outputs[variable]

    def artifact(self, name: str) -> Artifact | None:
        """Return what is known of a variable's value."""
        return self._catalog.artifacts.get(self.version(name))

    def figures(self, step: str) -> list[Figure]:
        """Return the figures that a step has shown."""
        found = self.steps.get(step)
        return [each for each in figures_of(found, self._catalog, self._store) if each.data] if found else []


def differ(one: Any, other: Any, tolerance: float) -> bool:
    """Tell whether two values differ by more than a tolerance, which counts relative to numbers above 1."""
    kind = type(one).__module__.partition(".")[0]
    if isinstance(one, int | float) and isinstance(other, int | float):
        near = math.isclose(one, other, rel_tol=tolerance, abs_tol=tolerance)
        return not (near or (math.isnan(one) and math.isnan(other)))
    if type(one) is not type(other):
        return True
    if kind == "pandas":
        return _frames_differ(one, other, tolerance)
    if kind == "numpy" and hasattr(one, "shape"):
        return _arrays_differ(one, other, tolerance)
    if isinstance(one, dict):
        return one.keys() != other.keys() or any(differ(one[key], other[key], tolerance) for key in one)
    if isinstance(one, list | tuple):
        return len(one) != len(other) or any(differ(*pair, tolerance) for pair in zip(one, other, strict=True))
    try:
        return not bool(one == other)
    except Exception:  # a class's own comparison may raise anything; what can't be compared is not the same
        return True


def _frames_differ(one: Any, other: Any, tolerance: float) -> bool:
    import pandas as pd

    compare = pd.testing.assert_frame_equal if isinstance(one, pd.DataFrame) else pd.testing.assert_series_equal
    try:
        compare(one, other, rtol=tolerance, atol=tolerance, check_exact=tolerance == 0)
    except (AssertionError, TypeError, ValueError):
        return True
    return False


def _arrays_differ(one: Any, other: Any, tolerance: float) -> bool:
    import numpy as np

    if one.shape != other.shape or one.dtype != other.dtype:
        return True
    if np.issubdtype(one.dtype, np.number):
        return not bool(np.allclose(one, other, rtol=tolerance, atol=tolerance, equal_nan=True))
    return not bool(np.array_equal(one, other))
