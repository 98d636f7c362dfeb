"""The example in `binder/` answers, its training hits the second time, and each request is a tree of traced steps."""

import shutil
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[3] / "binder" / "routing.py"


def test_questions_are_routed_and_answered(project):
    pytest.importorskip("sklearn")
    shutil.copy(EXAMPLE, project.root)
    said = project.run("routing.py")
    assert "You ask about the kitchen" in said
    assert "Bread stays fresh" in said
    assert "You ask about the sky" in said
    assert "Stars twinkle because" in said
    assert project.run("routing.py") == said
    trained = ("library", "train_router", "train_words", "train_topics")
    for name in trained:
        states = project.states(name)
        assert states[len(states) // 2 :] == ["hit"] * (len(states) // 2), name
    runs = project.steps()
    requests = {run.id for run in runs if run.step.name == "answer"}
    assert len(requests) == 4
    for name in ("route", "retrieve", "fill", "speak"):
        assert {run.parent for run in runs if run.step.name == name} == requests
