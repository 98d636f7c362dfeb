"""What a step depends on, gathered from its code and from what lives in the kernel."""

import pytest

from steppe.analysis.cell import analyse
from steppe.analysis.options import Options
from steppe.engine.environment import Distributions
from steppe.engine.gather import gather
from steppe.engine.modules import Modules
from steppe.engine.setup_log import SetupLog
from steppe.engine.surroundings import Surroundings
from steppe.values import families as families  # registers the encoders
from steppe.worker.ambient import Ambient
from steppe.worker.module_state import AtImport
from steppe.worker.sources import Sources


@pytest.fixture
def notebook():
    sources = Sources()
    around = Surroundings(
        sources,
        Modules(),
        Distributions(),
        Ambient(),
        SetupLog(),
        "ignore",
        AtImport(sources),
    )
    namespace = {"__name__": "__main__"}

    def run(text):
        sources.add("<cell>", text)
        exec(compile(text, "<cell>", "exec"), namespace)

    def gathered(text):
        return gather(analyse(text), Options(), namespace, around)

    return run, gathered


@pytest.mark.timeout(20)
def test_a_function_that_uses_builtins_is_gathered_once_with_what_else_it_looks_up(notebook):
    run, gathered = notebook
    run("factor = 2\ndef long(xs):\n    return len(xs) * factor")
    found = gathered("y = long([1])")
    assert found.names == {"long", "factor"}
    assert {item.name for item in found.ingredients if item.kind in ("input", "function")} == {"long", "factor"}


@pytest.mark.timeout(20)
def test_a_name_that_hides_a_builtin_is_an_input(notebook):
    run, gathered = notebook
    run("def long(xs):\n    return len(xs)\ndef len(xs):\n    return 7")
    assert gathered("y = long([1])").names == {"long", "len"}
