"""What this notebook's steps have done: in this session, and as far as the Catalog knows, before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from steppe.engine.session import Session
from steppe.errors import UsageError
from steppe.types import StepId, StepRun
from steppe.wording import nearest

if TYPE_CHECKING:
    from steppe.engine.step import Step
    from steppe.lineage.logs import Progress

MOST = 100_000
"""Lines of a running step that are looked at."""


class Past:
    """The StepRuns of one notebook."""

    def __init__(self, session: Session, steps: list[Step]) -> None:
        self._session = session
        self._steps = steps

    @property
    def catalog(self) -> Any:
        """The project's Catalog."""
        return self._session.catalog

    @property
    def path(self) -> str:
        """The notebook's path, relative to the project where it lies inside it, or empty."""
        return self._session.path

    @property
    def notebook(self) -> str:
        """The notebook's id."""
        return self._session.notebook

    def live(self, step_run: str) -> tuple[Progress | None, list[str]]:
        """Return how far a step that goes on is, where it tells, and the lines that it has written."""
        from steppe.lineage.logs import logs, progress

        session = self._session
        found = logs(session.catalog, session.store, session.project.state, step_run, limit=MOST)
        return progress(session.project.state, step_run), [line.text for line in found.lines]

    def here(self) -> list[Step]:
        """Return the latest resolution in this session of each cell that is a step, in order of the first."""
        latest: dict[tuple[str, int], Step] = {}
        for step in self._steps:
            latest[step.request.name, step.request.part] = step
        return list(latest.values())

    def names(self) -> list[str]:
        """Return the names of all steps that are known."""
        known = [step.request.name for step in self._steps]
        page = self.catalog.step_runs.steps(self._session.notebook, limit=500)
        return list(dict.fromkeys([*known, *(item.id.name for item in page.items)]))

    def name(self, given: str) -> str:
        """Return the step's whole name of which a person gave all or the beginning.

        Raises:
            UsageError: there is none, or more than one.
        """
        known = self.names()
        if given in known:
            return given
        begun = [name for name in known if name.startswith(given)]
        if len(begun) == 1:
            return begun[0]
        if begun:
            raise UsageError(f"`{given}` may be any of {', '.join(sorted(begun))}: give more of the name.")
        hint = nearest(given, known)
        raise UsageError(f"this notebook has no step `{given}`" + (f": {hint}" if hint else " yet."))

    def latest(self, name: str) -> StepRun:
        """Return the latest StepRun of a step, whole."""
        for step in reversed(self._steps):
            if step.request.name == name:
                return step.record()
        found: StepRun | None = self.catalog.step_runs.last(StepId(notebook=self._session.notebook, name=name))
        assert found is not None, "a name that the Catalog has given"
        return found

    def last(self) -> StepRun:
        """Return the latest StepRun of all.

        Raises:
            UsageError: there is none.
        """
        if self._steps:
            return self._steps[-1].record()
        raise UsageError("no step has run in this session: give the name of one that ran before.")

    def all(self) -> Iterable[StepRun]:
        """Iterate over the notebook's StepRuns, newest first, without what is large."""
        from steppe.catalog import StepRunFilter

        seen = set()
        for step in reversed(self._steps):
            seen.add(step.id)
            yield step.record()
        after: str | None = None
        while True:
            asked = StepRunFilter(notebook=self._session.notebook)
            page = self.catalog.step_runs.list(asked, after=after, limit=200)
            yield from (run for run in page.items if run.id not in seen)
            after = page.next
            if after is None:
                return

    def maker(self, variable: str) -> StepRun | None:
        """Return the latest StepRun that bound or changed a variable."""
        return next((run for run in self.all() if variable in run.outputs), None)

    def variables(self) -> list[str]:
        """Return the variables that steps of this session have bound."""
        return sorted({name for step in self._steps if step.result for name in step.result.outputs if name != "Out[n]"})
