"""A session for steps of the tests themselves, in a project of its own."""

import pytest
from IPython.core.interactiveshell import InteractiveShell

from steppe.catalog import StepRunFilter
from steppe.engine import current
from steppe.functions.recorder import RECORDER
from steppe.functions.sessions import home


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STEPPE_MACHINE", str(tmp_path))
    (tmp_path / ".git").mkdir()
    assert current.current() is None
    InteractiveShell.clear_instance()  # one that other tests have left would be the steps' notebook
    found = home()
    yield found
    RECORDER.flush()
    current.end(found)
    found.close()


@pytest.fixture
def traced(session):
    """Return what was written down, oldest first."""

    def look():
        RECORDER.flush()
        page = session.catalog.step_runs.list(StepRunFilter(), limit=1000)
        return sorted(page.items, key=lambda run: run.id)

    return look
