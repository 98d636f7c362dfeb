"""How hard Hypothesis looks, `HYPOTHESIS_PROFILE=ci|default|deep`; what of the tests' process is no notebook's."""

import gc
import os
import signal

import pytest
from hypothesis import HealthCheck, settings

from tests.again import pytest_report_teststatus, pytest_runtest_protocol, pytest_terminal_summary  # noqa: F401

pytest.register_assert_rewrite("steppe.testing")  # its suites are tests, too: what was compared is to be seen

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts what runs behind it without
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"  # modules that tests write twice in a second would be taken for one

settings.register_profile(
    "ci", max_examples=40, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("default", deadline=None)  # machines are shared: a slow moment is no failure
settings.register_profile("deep", max_examples=2000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Leave what tests import out of all collections of garbage: a tenth of a worker's time went there."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


HERE = os.path.dirname(os.path.realpath(__file__)) + os.sep


@pytest.fixture(autouse=True, scope="session")
def the_tests_own_modules_are_no_projects():
    """Shells in this process would note all that test modules hold, and judge 6,000 modules, as each session begins."""
    from steppe.engine import modules

    is_project_file, real_paths = modules.Modules.is_project_file, modules.real_paths
    known: dict[str, str] = {}

    def remembered(files):
        files = list(files)
        ours = [file for file in files if file not in known and file.startswith((HERE, *modules.LIBRARIES))]
        known.update(real_paths(ours))
        return [*((file, known[file]) for file in files if file in known), *real_paths({*files} - {*known})]

    def is_projects(file):
        real = known.get(file) or os.path.realpath(file)
        return not real.startswith(HERE) and is_project_file(file)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(modules.Modules, "is_project_file", staticmethod(is_projects))
        patch.setattr(modules, "real_paths", remembered)
        yield


@pytest.fixture(autouse=True, scope="session")
def workers_begin_with_what_their_step_needs():
    """Workers are forked with the libraries that their kernel has imported: here, all that any test has, for each."""
    from steppe.executors.process import preload

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(preload, "seen", set)
        yield


@pytest.fixture(autouse=True, scope="session")
def shells_are_reset_quickly():
    """A shell that is reset has all garbage collected: with all that any test has imported, that takes a second."""
    from IPython.core.displayhook import DisplayHook

    whole, flush = gc.collect, DisplayHook.flush

    def quick(hook):
        gc.collect = lambda: whole(1)
        try:
            flush(hook)
        finally:
            gc.collect = whole

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DisplayHook, "flush", quick)
        yield
