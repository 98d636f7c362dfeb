"""How far running steps say that they are: what is new in the files that they write while they run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from steppe.lineage.bars import last_bar
from steppe.lineage.logs import Tail
from steppe.worker.events import Event
from steppe_server.schemas.events import Progressed


class ProgressOf:
    """The steps of a project that go on. Each look reads only what was written since the one before."""

    def __init__(self) -> None:
        self._tails: dict[str, Tail] = {}
        self._telling: set[str] = set()

    def news(self, state: Path, going: Iterable[str]) -> list[Progressed]:
        """Return how far steps have come since the last look, the latest word of each.

        Args:
            state: the project's folder of Steppe's own files.
            going: the StepRuns that go on; others are forgotten.
        """
        self._tails = {id_: self._tails.get(id_) or Tail(state, id_) for id_ in going}
        self._telling &= self._tails.keys()
        found = [self._newest(id_, tail.read()) for id_, tail in self._tails.items()]
        return [each for each in found if each is not None]

    def _newest(self, step_run: str, events: list[Event]) -> Progressed | None:
        """Return what a step says by `steppe.progress`; of one that has never said anything, what its bar shows."""
        told = [event.data for event in events if event.kind == "progress"]
        if told:
            self._telling.add(step_run)
            data = told[-1]
            done, text = float(data.get("done", 0)), str(data.get("text", ""))
            return Progressed(step_run=step_run, done=done, total=data.get("total"), text=text)
        if step_run in self._telling:
            return None
        written = [event.shown.text for event in events if event.shown is not None and event.shown.kind == "stream"]
        bar = last_bar("".join(written)) if any("%|" in text for text in written) else None
        return None if bar is None else Progressed(step_run=step_run, done=bar.done, total=bar.total, text=bar.text)
