"""What the reference is made of: each public name says what it does, takes, returns and raises, and it is so."""

from __future__ import annotations

import inspect
import re

import pytest
from IPython.core.interactiveshell import InteractiveShell

import steppe
import steppe.testing
from steppe.checkpointing import Checkpoint
from steppe.errors import SteppeError
from steppe.functions.context import Context
from steppe.functions.function import StepFunction
from steppe.functions.futures import StepFuture
from steppe.functions.mocks import MockedSteps
from steppe.streaming.stream import Stream
from steppe_magic.commands import StepMagics

PUBLIC = {f"steppe.{name}": getattr(steppe, name) for name in steppe.__all__ if name != "__version__"}
PUBLIC |= {f"steppe.testing.{name}": getattr(steppe.testing, name) for name in steppe.testing.__all__}
PUBLIC["steppe.lineage"] = type(steppe.lineage).__call__
CLASSES = (StepFunction, StepFuture, Context, Stream, Checkpoint, MockedSteps)
for each in CLASSES:
    PUBLIC |= {
        f"{each.__name__}.{name}": member
        for name, member in vars(each).items()
        if not name.startswith("_") and inspect.isfunction(member)
    }
FUNCTIONS = {name: each for name, each in PUBLIC.items() if inspect.isfunction(each)}
SECTION = re.compile(r"^(Args|Raises|Attributes|Returns|Yields):\n((?: {4}.*\n|\n)+)", re.MULTILINE)


def sections(thing):
    """Return the sections of a docstring, each as its entries by name."""
    found = {}
    for title, body in SECTION.findall(inspect.getdoc(thing) + "\n"):
        found[title] = dict(re.findall(r"^ {4}([\w.]+): (.+)$", body, re.MULTILINE))
    return found


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_says_in_one_sentence_what_it_is(name):
    first = inspect.getdoc(PUBLIC[name]).partition("\n\n")[0]
    assert re.search(r"[.:`]$", first), first
    assert len(" ".join(first.split())) < 200, first


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_parameter_has_a_type_and_is_told_of(name):
    function = FUNCTIONS[name]
    parameters = [each for each in inspect.signature(function).parameters.values() if each.name != "self"]
    assert [each.name for each in parameters if each.annotation is inspect.Parameter.empty] == []
    assert inspect.signature(function).return_annotation is not inspect.Signature.empty
    told = sections(function).get("Args", {})
    assert set(told) <= {each.name for each in parameters}, "it tells of parameters that there are not"
    doc = inspect.getdoc(function)
    missing = [each.name for each in parameters if each.name not in told and f"`{each.name}`" not in doc]
    assert missing == []


WRONG = {
    "steppe.step": lambda: steppe.step(no_such=1),
    "steppe.pipeline": lambda: steppe.pipeline(no_such=1),
    "steppe.load": lambda: steppe.load("there.is-none"),
    "steppe.stream": lambda: steppe.stream([1, 2], 0),
    "steppe.checkpoint": lambda: steppe.checkpoint("no/name"),
    "steppe.export_model": lambda: steppe.export_model({}, [[1.0]]),
    "steppe.log_metric": lambda: steppe.log_metric("loss", "low"),
    "steppe.progress": lambda: steppe.progress("half"),
    "steppe.ray_cluster": lambda: steppe.ray_cluster("many").__enter__(),
    "steppe.explore": lambda: steppe.explore(),
    "steppe.lineage": lambda: steppe.lineage(file="there-is-none.csv"),
    "steppe.testing.mock_steps": lambda: steppe.testing.mock_steps({3: 4}),
    "Checkpoint.save_files": lambda: steppe.checkpoint().save_files("there-is-none"),
    "StepFunction.options": lambda: steppe.step(len_of).options(no_such=1),
}
"""A call of each that it refuses."""
TRUSTING = {"steppe.context", "steppe.load_ipython_extension", "steppe.unload_ipython_extension"}
"""Those that refuse nothing."""


def len_of(x):
    return len(x)


@pytest.mark.parametrize("name", WRONG)
def test_what_it_refuses_is_told_of(name, tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SteppeError) as raised:
        WRONG[name]()
    told = {each.rpartition(".")[2] for each in sections(PUBLIC[name]).get("Raises", {})}
    assert {each.__name__ for each in type(raised.value).__mro__} & told


def test_every_public_function_is_looked_at():
    ours = {name for name in FUNCTIONS if name.startswith("steppe.")}
    untried = ours - {*WRONG, *TRUSTING}  # such as the callback, which raises only where a package is missing
    assert {name for name in untried if "Raises" not in sections(FUNCTIONS[name])} == set()


def test_the_magics_say_what_they_do():
    shell = InteractiveShell()
    for magic in (StepMagics(shell, None).step, StepMagics(shell, None).steppe):
        assert re.match(r"[A-Z].*\.$", inspect.getdoc(magic).partition("\n")[0])
