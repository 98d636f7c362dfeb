"""Cells that tell the shell how to show values: what later steps show hangs on it, whatever kind of cell told it."""

import pytest

TELLING = (
    "class K:\n    pass\nk = K()\n"
    "def tell(text):\n"
    "    def show(value, printer, cycle):\n        printer.text(text)\n"
    "    get_ipython().display_formatter.formatters['text/plain'].for_type(K, show)"
)
KINDS = {"a step": {"step": True}, "a step without a key": {"step": True, "cache": False}, "a plain cell": {}}


@pytest.fixture
def begin(notebook):
    """Begin a session with a shell that was told nothing: the tests have one shell for all of them."""
    formatters = notebook.shell.display_formatter.formatters.values()
    kept = [(each, dict(each.type_printers), dict(each.deferred_printers)) for each in formatters]

    def begin():
        for each, by_type, by_name in kept:
            each.type_printers, each.deferred_printers = dict(by_type), dict(by_name)
        return notebook.restart()

    yield begin
    begin()


def shown(begin, cell, **kind):
    """Run a notebook in which `cell` tells how to show values; return what its last cell shows."""
    notebook = begin()
    notebook.run(TELLING, step=True)
    notebook.run(cell, **kind)
    return notebook.run("k", step=True).partition(":")[2].strip()


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_is_told_is_in_the_keys_of_later_steps(notebook, begin, kind):
    assert shown(begin, "tell('one');", **kind) == "one"
    assert shown(begin, "tell('two');", **kind) == "two"
    assert "the shell" in notebook.why
    assert shown(begin, "tell('one');", **kind) == "one"
    assert notebook.states[-1] == "hit", [each.why for each in notebook.steps]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_a_cell_told_before_it_failed_counts_too(begin, kind):
    assert shown(begin, "tell('one'), 1 / 0", **kind) == "one"
    assert shown(begin, "tell('two'), 1 / 0", **kind) == "two"


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_sympys_vectors_are_shown_as_the_notebook_says(begin, kind):
    def run(how):
        notebook = begin()
        notebook.run("from sympy.physics.vector import *\nvelocity = dynamicsymbols('theta').diff()", step=True)
        notebook.run(f"def how():\n    {how}")
        notebook.run("how()", **kind)
        return notebook.run("velocity", step=True).partition(":")[2].strip()

    assert run("init_vprinting()") == "θ̇"
    assert run("init_vprinting(use_unicode=False)") == "theta'(t)"


def test_a_cell_that_tells_nothing_keeps_no_step_from_hitting(begin):
    for number in range(2):
        notebook = begin()
        notebook.run(TELLING, step=True)
        notebook.run(f"other = {number}", step=True, cache=False)
        notebook.run(f"print({number})")
        notebook.run("k.__class__.__name__", step=True)
    assert notebook.states[-1] == "hit", [each.why for each in notebook.steps]


def test_cells_that_ran_before_do_not_count_where_the_shell_is_asked_for(begin):
    for number in range(2):
        notebook = begin()
        notebook.run(f"{number}")
        notebook.run(TELLING, step=True)
        notebook.run("get_ipython() and tell('one')", step=True)
        notebook.run("k", step=True)
    assert notebook.states[-1] == "hit", notebook.why
