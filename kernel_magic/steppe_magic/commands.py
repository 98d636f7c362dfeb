"""The magics: `%steppe` with its commands, and what is left to do for `%%step` itself."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from IPython.core.error import UsageError as ShellUsageError
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class

from steppe.errors import SteppeError, UsageError
from steppe.states import LIVE
from steppe.types import StepId
from steppe.wording import lasting, nearest
from steppe.worker.trace import unseen
from steppe_magic import about, cards
from steppe_magic.help import COMMANDS, commands_help, step_help
from steppe_magic.past import Past
from steppe_magic.status import status

if TYPE_CHECKING:
    from steppe.engine.pending import Pending
    from steppe.lineage.card import Card


@magics_class
class StepMagics(Magics):  # type: ignore[misc]  # IPython has no types
    """`%%step` and `%steppe`."""

    def __init__(self, shell: Any, cells: Any) -> None:
        super().__init__(shell)
        self.cells = cells
        self._shown: dict[str, str] = {}
        """Displays of cards of steps that go on, and which steps these are."""

    @cell_magic  # type: ignore[untyped-decorator]
    def step(self, line: str, cell: str) -> None:
        """Run a cell whose `%%step` line IPython was handed by a way around its transforms: as the cell it is."""
        self.shell.run_cell(f"%%step {line}\n{cell}")

    @line_magic  # type: ignore[untyped-decorator]
    def steppe(self, line: str) -> None:
        """Show and steer the steps of this notebook."""
        try:
            with unseen():
                said = self._answer(line.split())
        except SteppeError as error:
            raise ShellUsageError(str(error)) from None
        if isinstance(said, str):
            print(said, end="\n" if said else "")
        else:
            self._publish(said)

    def _publish(self, card: Card) -> None:
        """Show a card; in a notebook, that of a step that goes on is shown anew once the step has ended."""
        known = {}
        if hasattr(self.shell, "kernel") and card.told.get("state") in LIVE:
            known = {"transient": {"display_id": f"steppe-{uuid4().hex}"}}
            self._shown[known["transient"]["display_id"]] = card.told["step_run"]
            if len(self._shown) == 1:
                self.shell.events.register("post_run_cell", self._show_ended)
        self.shell.display_pub.publish(card.bundle(), **known)

    def _show_ended(self, _result: Any) -> None:
        ended = {step.id: step for step in self.cells.steps if step.state not in LIVE}
        with unseen():
            for display, id_ in list(self._shown.items()):
                if id_ in ended:
                    del self._shown[display]
                    bundle = cards.step(ended[id_].record(), self._past).bundle()
                    self.shell.display_pub.publish(bundle, transient={"display_id": display}, update=True)
        if not self._shown:
            self.shell.events.unregister("post_run_cell", self._show_ended)

    def _answer(self, words: list[str]) -> str | Card:
        name, given = (words[0], words[1:]) if words else ("status", [])
        if name not in COMMANDS:
            raise UsageError(f"%steppe has no command `{name}`: {nearest(name, COMMANDS)}")
        takes = COMMANDS[name][0]
        if len(given) > bool(takes):
            raise UsageError(f"%steppe {name} takes {takes or 'nothing'}: `{' '.join(given)}` is too much.")
        if takes and not takes.startswith("[") and not given:
            raise UsageError(f"%steppe {name} needs the name of a {takes.lower()}.")
        answer: str | Card = getattr(self, f"_{name}")(*given)
        return answer

    @property
    def _past(self) -> Past:
        return Past(self.cells.session, self.cells.steps)

    def _help(self) -> str:
        return commands_help()

    def _status(self) -> str:
        return status(self._past.here())

    def _pending(self, name: str | None) -> list[Pending]:
        pending: list[Pending] = list(self.cells.session.pending)
        if name is None:
            return pending
        name = self._past.name(name)
        return [each for each in pending if each.step.request.name == name]

    def _wait(self, name: str | None = None) -> str:
        """Wait for steps, and for those before them: results are bound in the order of the cells."""
        waited = self._pending(name)
        if not waited:
            return "Nothing runs in the background."
        for each in list(self.cells.session.pending):
            each.wait()
            each.settle()
            if each is waited[-1]:
                break
        took = [f"{each.step.request.name}: {each.step.state} after {lasting(_age(each))}" for each in waited]
        return "\n".join(took)

    def _cancel(self, name: str | None = None) -> str:
        ended = self._pending(name)
        if not ended:
            return "Nothing runs in the background."
        for each in ended:
            each.journey.cancel()
        for each in ended:
            if each.wait(15):
                each.settle()
        return "\n".join(f"{each.step.request.name}: {each.step.state}" for each in ended)

    def _why(self, name: str | None = None) -> str:
        past = self._past
        return about.why(past.latest(past.name(name)) if name else past.last(), past)

    def _clear(self, name: str | None = None) -> str:
        session = self.cells.session
        if name is None:
            count = session.catalog.entries.forget_notebook(session.notebook)
            return f"Forgot {_results(count)} of this notebook: its steps run again."
        name = self._past.name(name)
        count = session.catalog.entries.forget_step(StepId(notebook=session.notebook, name=name))
        return f"Forgot {_results(count)} of `{name}`: it runs again."

    def _rerun(self, name: str) -> str:
        name = self._past.name(name)
        self.cells.session.again.add(name)
        return f"`{name}` runs the next time that its cell does, although it would hit."

    def _show(self, name: str | None = None) -> Card:
        past = self._past
        if name is None:
            return cards.step(past.last(), past)
        known = past.names()
        if name not in known:
            maker = past.maker(name)
            if maker is not None:
                return cards.variable(name, maker, past)
            if not any(step.startswith(name) for step in known):
                hint = nearest(name, [*known, *past.variables()])
                told = f": {hint}" if hint else "."
                raise UsageError(f"no step and no variable of a step is called `{name}`{told}")
        return cards.step(past.latest(past.name(name)), past)

    def _lineage(self, name: str) -> Card:
        past = self._past
        maker = past.maker(name)
        if maker is None:
            hint = nearest(name, past.variables())
            raise UsageError(f"no step of this notebook has bound `{name}`" + (f": {hint}" if hint else "."))
        return cards.lineage(name, maker, past)

    def _auto(self, switch: str = "on") -> str:
        if switch not in ("on", "off"):
            raise UsageError(f"%steppe auto takes on or off, not `{switch}`.")
        self.cells.auto = switch == "on"
        return ""


StepMagics.step.__doc__ = step_help()
StepMagics.steppe.__doc__ = commands_help()


def _age(pending: Pending) -> float:
    return (pending.step.ended or time.time()) - pending.step.started


def _results(count: int) -> str:
    return "1 result" if count == 1 else f"{count} results"
