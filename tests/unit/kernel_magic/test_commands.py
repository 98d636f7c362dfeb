"""`%steppe`: what it says, and what it refuses in one sentence."""

from __future__ import annotations

import pytest

LOAD = "%%step load\nrows = [1, 2, 3]"
TOTAL = "%%step total\ntotal = sum(rows)"


@pytest.fixture
def two(notebook):
    notebook.run(LOAD)
    notebook.run(TOTAL)
    return notebook


def test_status_of_nothing_says_how_to_begin(notebook):
    assert notebook.run("%steppe").startswith("No step has run in this session. Begin a cell with `%%step NAME`")
    assert notebook.run("%steppe status") == notebook.run("%steppe")


def test_status_is_a_table(two):
    two.run(TOTAL)
    head, *rows = two.run("%steppe status").splitlines()
    assert head.split() == ["step", "state", "when", "took", "why"]
    assert [row.split()[:2] for row in rows] == [["load", "succeeded"], ["total", "hit"]]
    assert "it has not run before" in rows[0]
    assert "saved" in rows[1]
    assert "nothing that it depends on has changed" in rows[1]
    assert len({row.index(word) for row, word in zip(rows, ("succeeded", "hit"), strict=True)}) == 1


def test_why_tells_of_the_last_step_or_of_one(two):
    assert two.run("%steppe why").startswith("total: ran ")
    assert two.run("%steppe why load").startswith("load: ran ")
    assert two.run("%steppe why lo").startswith("load: ran "), "the beginning of a name will do"


def test_why_knows_of_earlier_sessions(two):
    two.restart()
    assert two.run("%steppe why total").startswith("total: ran ")
    two.run(LOAD)
    assert "its result was made" in two.run("%steppe why load")


def test_clear_makes_a_step_run_again(two):
    assert two.run("%steppe clear total").strip() == "Forgot 1 result of `total`: it runs again."
    two.run(LOAD)
    two.run(TOTAL)
    assert two.states[-2:] == ["hit", "succeeded"]
    assert two.run("%steppe clear").strip() == "Forgot 2 results of this notebook: its steps run again."
    two.run(LOAD)
    assert two.states[-1] == "succeeded"


def test_rerun_has_a_step_run_once_although_it_would_hit(two):
    assert (
        two.run("%steppe rerun total").strip()
        == "`total` runs the next time that its cell does, although it would hit."
    )
    two.run(LOAD)
    two.run(TOTAL)
    two.run(TOTAL)
    assert two.states[-3:] == ["hit", "succeeded", "hit"]


def test_rerun_holds_for_an_earlier_sessions_step_too(two):
    two.restart()
    two.run("%steppe rerun load")
    two.run(LOAD)
    two.run(TOTAL)
    assert two.states[-2:] == ["succeeded", "hit"]


def test_show_tells_of_a_step(two):
    said = two.run("%steppe show total")
    assert "read" in said
    assert "rows" in said
    assert "total  int  6" in said


def test_show_tells_of_a_variable(two):
    said = two.run("%steppe show rows")
    assert said.startswith("rows: list of 3")
    assert "steppe.load('load.rows')" in said


def test_lineage_is_a_tree(two):
    lines = two.run("%steppe lineage total").splitlines()
    assert lines[0].startswith("total  6")
    assert lines[1].startswith("└─ total (ran")
    assert lines[2].startswith("   └─ rows  of 3")
    assert lines[3].startswith("      └─ load (ran")


def test_lineage_of_a_hit_goes_back_to_what_made_it(two):
    two.restart()
    two.run(LOAD)
    two.run(TOTAL)
    assert "load (ran" in two.run("%steppe lineage total")


def test_nothing_in_the_background_is_said(two):
    assert two.run("%steppe wait") == two.run("%steppe cancel") == "Nothing runs in the background.\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("statsu", "%steppe has no command `statsu`: did you mean `status`?"),
        ("qqq", "%steppe has no command `qqq`: there are auto, cancel"),
        ("why tota", ""),
        ("why totl", "this notebook has no step `totl`: did you mean `total`?"),
        ("rerun", "%steppe rerun needs the name of a step."),
        ("clear nothing", "this notebook has no step `nothing`: there are load, total."),
        ("lineage", "%steppe lineage needs the name of a variable."),
        ("lineage rosw", "no step of this notebook has bound `rosw`: did you mean `rows`?"),
        ("show rosw", "no step and no variable of a step is called `rosw`: did you mean `rows`?"),
        ("status all", "%steppe status takes nothing: `all` is too much."),
        ("why a b", "%steppe why takes [STEP]: `a b` is too much."),
        ("auto maybe", "%steppe auto takes on or off, not `maybe`."),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(two, line, said):
    shown = two.run(f"%steppe {line}")
    assert two.result.success is (said == "")
    assert said in shown
    if said:
        assert len(shown.strip().splitlines()) == 1


def test_help_names_every_command_and_every_option(notebook):
    from steppe.analysis.options import OPTIONS
    from steppe_magic.help import COMMANDS, commands_help, step_help

    assert notebook.run("%steppe help").strip() == commands_help().strip()
    assert all(f"%steppe {name}" in commands_help() for name in COMMANDS)
    assert all(option.example in step_help() for option in OPTIONS)


@pytest.mark.parametrize(
    ("line", "said"), [("%%step?", "%%step [NAME] [key=value …]"), ("%steppe?", "%steppe lineage")]
)
def test_a_question_mark_shows_help(notebook, monkeypatch, line, said):
    shown = []
    monkeypatch.setattr("IPython.core.page.page", lambda text, *_, **__: shown.append(str(text)))
    written = notebook.run(line)
    assert said in written + "".join(shown)


def offers(notebook, text):
    from IPython.core.completer import provisionalcompleter

    with provisionalcompleter():
        return sorted(item.text for item in notebook.shell.Completer.completions(text, len(text)))


@pytest.mark.parametrize("jedi", [True, False])
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("%steppe st", ["status"]),
        ("%steppe why ", ["load", "total"]),
        ("%steppe lineage ", ["rows", "total"]),
        ("%steppe show ro", ["rows"]),
        ("%steppe auto ", ["off", "on"]),
        ("%%step a cach", ["cache="]),
        ("%%step a cache=", ["false", "true"]),
        ("%%step a on=pro", ["process"]),
        ("%%step a env=l", ["lock"]),
        ("%%step a seed=1 se", ["setup="]),
        ("%%step a inputs=ro", ["rows"]),
        ("%%step a inputs=total,ro", ["rows"]),
    ],
)
def test_lines_of_the_magics_complete(two, monkeypatch, jedi, text, wanted):
    monkeypatch.setattr(two.shell.Completer, "use_jedi", jedi)
    assert offers(two, text) == wanted


def test_other_lines_complete_as_before(two, monkeypatch):
    monkeypatch.setattr(two.shell.Completer, "use_jedi", False)
    two.shell.user_ns["abcdef"] = 1
    assert "abcdef" in offers(two, "%%step a\nabcd")
    assert "abcdef" in offers(two, "abcd")


def test_profiles_complete(notebook):
    (notebook.folder / "pyproject.toml").write_text("[tool.steppe.profiles.big]\ncpu = 1\n")
    notebook.restart()
    assert offers(notebook, "%%step a profile=") == ["big"]


BIG = "%%step big\nclass Big:\n    hello = 1\nbig = Big(); big.pad = 'x' * 50_000"


def test_a_value_that_is_not_loaded_completes_by_what_it_is(notebook, monkeypatch):
    from steppe.values.lazy import is_lazy

    monkeypatch.setattr(notebook.shell.Completer, "use_jedi", False)
    notebook.run(BIG)
    notebook.restart()
    notebook.run(BIG)
    assert is_lazy(dict.get(notebook.shell.user_ns, "big"))
    found = offers(notebook, "big.he")
    assert any("hello" in item for item in found)


def test_looking_at_a_value_that_is_not_loaded_shows_what_it_is(notebook):
    notebook.run(BIG)
    notebook.restart()
    notebook.run(BIG)
    shown = notebook.shell.object_inspect_mime("big")["text/plain"]
    assert "Big" in shown
    assert "Lazy" not in shown
