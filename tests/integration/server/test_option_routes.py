"""The options of a step through the server: which there are, what a line gives, and how it is changed."""

from __future__ import annotations

from steppe.analysis.options import OPTIONS


async def test_all_options_are_told_with_their_help_and_the_projects_profiles(ask, project):
    (project / "pyproject.toml").write_text('[tool.steppe.profiles.big]\nmemory = "64Gi"\n')
    status, found = await ask("GET", "options", path="new.ipynb")
    assert status == 200
    assert [each["name"] for each in found["options"]] == [option.name for option in OPTIONS]
    told = {each["name"]: each for each in found["options"]}
    assert told["profile"]["choices"] == ["big"]
    assert (told["cache"]["kind"], told["env"]["kind"], told["memory"]["kind"]) == ("switch", "choice", "text")


async def test_a_line_is_changed_and_a_bad_value_says_why(ask, project):
    _, found = await ask("POST", "options", {"line": "train gpu=1 files='a b'", "changes": {"memory": "16Gi"}})
    assert found["line"] == "train gpu=1 files='a b' memory=16Gi"
    assert (found["name"], found["problem"]) == ("train", "")
    assert [(each["name"], each["value"]) for each in found["settings"]] == [
        ("gpu", "1"),
        ("files", "a b"),
        ("memory", "16Gi"),
    ]
    _, found = await ask("POST", "options", {"line": "train", "changes": {"gpu": "many"}})
    assert "whole number of GPUs" in found["settings"][0]["problem"]
    _, found = await ask("POST", "options", {"line": "train profile=big"})
    assert "no such table" in found["settings"][0]["problem"]
    _, found = await ask("POST", "options", {"line": "train files='a", "changes": {"gpu": "1"}})
    assert (found["line"], "not closed" in found["problem"]) == ("train files='a", True)


async def test_options_in_metadata_are_changed_there(ask, project):
    asked = {"given": {"step": True, "name": "load", "retries": 2, "files": ["a", "b"]}, "changes": {"gpu": "1"}}
    _, found = await ask("POST", "options", {**asked, "name": "fetch"})
    assert found["line"] is None
    assert found["given"] == {"step": True, "name": "fetch", "retries": 2, "files": ["a", "b"], "gpu": "1"}
    assert [(each["name"], each["value"], each["problem"]) for each in found["settings"]] == [
        ("retries", "2", ""),
        ("files", "a,b", ""),
        ("gpu", "1", ""),
    ]
    _, found = await ask("POST", "options", {"given": {"gpu": "many"}})
    assert "whole number" in found["problem"]


async def test_what_makes_no_sense_is_refused(ask, project):
    assert (await ask("POST", "options", {"lines": "train"}))[0] == 400
    status, found = await ask("POST", "options", {"line": "train", "changes": {"gpus": "1"}})
    assert (status, "gpu" in found["problem"]) == (200, True)
    assert (await ask("GET", "options", path="../x/y.ipynb"))[0] == 404
