"""pytest's plugin: notebooks as tests. Light: every pytest loads it where Steppe is installed.

pytest --steppe train.ipynb --steppe-against main      one notebook
pytest --steppe-notebooks --steppe-against main        every *.ipynb among what is collected
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from steppe.gates.gate import Judged
    from steppe.gates.rules import Rule

ONE, ALL, AGAINST = "--steppe", "--steppe-notebooks", "--steppe-against"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("steppe", "notebooks held against how they were")
    group.addoption(ONE, action="append", default=[], metavar="NOTEBOOK", help="Test a notebook; may be given again.")
    group.addoption(ALL, action="store_true", help="Collect *.ipynb files, too.")
    group.addoption(AGAINST, default="main", metavar="BASELINE", help="A git commit or a run's id.  [default: main]")


def pytest_configure(config: pytest.Config) -> None:
    """Add the notebooks that were named to what is collected: alone, where nothing else was named."""
    named = list(config.getoption(ONE))
    if named:
        named_others = config.args_source is pytest.Config.ArgsSource.ARGS
        config.args[:] = [*config.args, *named] if named_others else named


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect notebooks, where that was asked for."""
    config = parent.config
    named = {Path(config.invocation_params.dir, name).resolve() for name in config.getoption(ONE)}
    if file_path.suffix == ".ipynb" and (config.getoption(ALL) or file_path.resolve() in named):
        return NotebookFile.from_parent(parent, path=file_path)
    return None


class NotebookFile(pytest.File):
    """A notebook: it is run when its first test is."""

    _judged: Judged | None = None

    def collect(self) -> Iterator[pytest.Item]:
        """Yield a test that it runs, and one for each of its rules."""
        from steppe.gates.gate import rules_of

        yield NotebookItem.from_parent(self, name="runs", number=None)
        for number, rule in enumerate(self._rules(rules_of)):
            yield NotebookItem.from_parent(self, name=rule.text, number=number)

    def judged(self) -> Judged:
        """Run the notebook, once, and return what came of it."""
        from steppe.gates.gate import judge, rules_of

        if self._judged is None:
            self._judged = judge(self.path, self.config.getoption(AGAINST), self._rules(rules_of))
        return self._judged

    def _rules(self, rules_of: Any) -> list[Rule]:
        found: list[Rule] = rules_of(self.path)
        return found


class Failed(Exception):
    """A rule does not hold, or the notebook does not run: pytest shows its words, and no traceback."""


class NotebookItem(pytest.Item):
    """A notebook's run, or one of its rules."""

    def __init__(self, *, number: int | None, **rest: Any) -> None:
        super().__init__(**rest)
        self.number = number

    def runtest(self) -> None:
        """Look at what came of it."""
        assert isinstance(self.parent, NotebookFile), "it was made by one"
        judged = self.parent.judged()
        if self.number is None:
            if judged.error:
                raise Failed(judged.error)
            return
        if judged.error:
            pytest.skip("the notebook did not run to its end")
        verdict = judged.verdicts[self.number]
        if not verdict.held:
            raise Failed(f"{verdict.rule}: {verdict.said}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Say what failed, in words."""
        from steppe.errors import SteppeError

        if isinstance(excinfo.value, Failed | SteppeError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Say where it is."""
        return self.path, None, f"{self.path.name}: {self.name}"
