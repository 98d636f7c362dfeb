"""Every fenced block of every page is checked: what it is decides how. Blocks of Python are run by test_pages.py."""

from __future__ import annotations

import ast
import json
import re
import shlex
import subprocess
import tomllib

import click
import pytest
import yaml
from IPython.core.inputtransformer2 import TransformerManager
from pages import FENCE, PAGES, ROOT

from steppe.analysis.lineedit import problem, shown
from steppe.analysis.options import BY_NAME, from_mapping
from steppe.cli.main import COMMANDS, steppe
from steppe.gates.rules import Rule
from steppe.settings import load_project

NAMES = {str(page.relative_to(ROOT)): page for page in PAGES}
LANGUAGES = {"python", "console", "sh", "text", "toml", "json", "yaml"}
INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")


def fenced(page, language):
    """Return the blocks in a language, those that are not run, too."""
    return [(rest.strip(), text) for name, rest, text in FENCE.findall(page.read_text("utf-8")) if name == language]


def spans(page):
    """Return what stands in single backquotes outside of blocks."""
    return INLINE.findall(FENCE.sub("", page.read_text("utf-8")))


def called(line):
    """Return the calls of `steppe` in a line of shell, each as its words, without what goes to and comes from files."""
    calls = []
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";|&<>")
    lexer.whitespace_split = True
    lexer.commenters = "#" if re.search(r"\s#", line) else ""
    words = []
    for word in [*lexer, ";"]:
        if set(word) <= set(";|&"):
            calls.append(words)
            words = []
        else:
            words.append(word)
    cut = [
        words[: next((at for at, word in enumerate(words) if set(word) <= set("<>")), len(words))] for words in calls
    ]
    bare = [words[next((at for at, word in enumerate(words) if "=" not in word), 0) :] for words in cut]
    return [words[1:] for words in bare if words[:1] == ["steppe"]]


def parse(words):
    """Have click parse a call as it would before it runs it: options, their values, the number of arguments."""
    command, context = steppe, None
    while isinstance(command, click.Group):
        name, *words = words
        context = click.Context(command, parent=context, info_name=name)
        found = command.get_command(context, name)
        if found is None:  # `steppe schedule train.ipynb` is `steppe schedule make train.ipynb`
            found, words = command.get_command(context, "make"), [name, *words]
        command = found
        assert command is not None, name
    files = [each for each in command.params if isinstance(each.type, click.Path) and each.type.exists]
    for each in files:
        each.type.exists = False  # they are the reader's
    try:
        command.make_context(command.name, list(words), parent=context)
    finally:
        for each in files:
            each.type.exists = True


def check_call(words, line):
    if any(part in ("…", "...") for part in words):
        return
    try:
        parse(words)
    except click.exceptions.Exit:
        pass
    except click.ClickException as error:
        pytest.fail(f"{line}: {error.format_message()}", pytrace=False)


def check_settings(text, folder):
    """Check that settings are read, and that each profile fits an option of a step or a key of a cluster."""
    (folder / "pyproject.toml").write_text(text)
    settings = load_project(folder, {}).settings
    for name, profile in settings.profiles.items():
        from_mapping({}, name=name, profile=profile)
    for rules in settings.gates.values():
        for rule in rules:
            Rule(rule)


@pytest.mark.parametrize("name", NAMES)
def test_blocks_of_a_page_hold_what_they_say(name, tmp_path):
    page = NAMES[name]
    opened = re.findall(r"^```(.*)$", page.read_text("utf-8"), re.MULTILINE)[::2]
    assert {line.split()[0] if line else "" for line in opened} <= LANGUAGES
    for rest, text in fenced(page, "python"):
        assert rest in ("", "no-run"), rest
        ast.parse(TransformerManager().transform_cell(text))
    for _, text in fenced(page, "toml"):
        tomllib.loads(text)
        if "[tool.steppe" in text:
            check_settings(text, tmp_path)
    for _, text in fenced(page, "json"):
        if gates := json.loads(text).get("steppe", {}).get("gates"):
            assert [Rule(rule).text for rule in gates] == gates
    for _, text in fenced(page, "yaml"):
        workflow = yaml.safe_load(text)
        steps = [step for job in workflow.get("jobs", {}).values() for step in job["steps"]]
        for script in (step["run"] for step in steps if "run" in step):
            check_shell(script)
    for _, text in fenced(page, "sh"):
        check_shell(text)
    for _, text in fenced(page, "console"):
        check_shell("".join(f"{line[2:]}\n" for line in text.splitlines() if line.startswith("$ ")))
    for _, text in fenced(page, "text"):
        for line in re.findall(r"^%%step[ \t]*(.*)$", text, re.MULTILINE):
            if not line.startswith("["):  # a line of grammar
                check_line(line)


@pytest.mark.parametrize("name", NAMES)
def test_commands_and_lines_in_the_text_of_a_page_exist(name):
    for span in spans(NAMES[name]):
        if match := re.match(r"steppe ([a-z]+)\b", span):
            assert match[1] in COMMANDS, span
        if span.startswith("%%step ") and not re.search(r"[A-Z]{3}|…|\[NAME", span):
            check_line(span.removeprefix("%%step "))


def check_line(line):
    """Check a `%%step` line; braces hold what only a kernel knows."""
    assert problem(line) == "", line
    assert set(shown(line)[1]) <= {*BY_NAME}, line


def check_shell(script):
    """Check that bash reads a script, and that each `steppe` in it exists and takes what it is given."""
    lines = [line for line in script.replace("\\\n", " ").splitlines() if line.strip()]
    plain = "\n".join(line for line in lines if "[" not in line)  # a line of grammar, such as [NAME…], is no script
    assert subprocess.run(["bash", "-n"], input=plain, capture_output=True, text=True, check=False).stderr == ""
    for line in lines:
        if "steppe" in line:
            for words in called(line):
                check_call(words, line)


def test_a_wrong_block_would_be_found(tmp_path):
    for line in ("steppe rum x.ipynb", "steppe run", "steppe run x.ipynb --no-such", "steppe schedule pause"):
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            check_shell(line)
    with pytest.raises(AssertionError):
        check_line("train gpus=1")
    with pytest.raises(Exception, match="memory"):
        check_settings('[tool.steppe.profiles.big]\nmemory = "lots"\n', tmp_path)
    with pytest.raises(Exception, match="comparison"):
        check_settings('[tool.steppe.gates]\n"x.ipynb" = ["accuracy"]\n', tmp_path)
