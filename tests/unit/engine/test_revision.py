"""Where a project stands: the commit, and how tracked files differ from it; no secrets, no side effects."""

import subprocess

import pytest

from steppe.engine.revision import LARGEST, MASK, revision, without_secrets


@pytest.fixture
def tree(tmp_path):
    """A repository with one commit of a module, a notebook, a lock and a file of secrets."""
    git(tmp_path, "init", "--quiet")
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "begin")
    return tmp_path


FILES = {"helpers.py": "rate = 1\n", "book.ipynb": "{}\n", "uv.lock": "a\n", ".env": "TOKEN=1\n"}


def git(folder, *words):
    who = ("-c", "user.name=me", "-c", "user.email=me@example.org")
    return subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def test_a_tree_as_it_was_committed_is_told_by_its_commit(tree):
    (tree / "new.py").write_text("git does not know this one")
    found = revision(str(tree), {})
    assert (found.commit, found.difference) == (git(tree, "rev-parse", "HEAD"), "")


def test_what_differs_is_told_as_git_tells_it(tree):
    (tree / "helpers.py").write_text("rate = 2\n")
    found = revision(str(tree), {})
    assert found.commit == git(tree, "rev-parse", "HEAD") + "+"
    assert "-rate = 1\n+rate = 2" in found.difference


def test_notebooks_locks_and_files_of_secrets_are_told_by_their_names_alone(tree):
    for name in FILES:
        (tree / name).write_text("what was not there before")
    found = revision(str(tree), {}).difference
    assert "changed, and not shown: .env, book.ipynb, uv.lock\n" in found
    assert found.count("what was not there before") == 1


def test_a_project_below_the_repositorys_root_is_told_by_itself(tree):
    (tree / "sub").mkdir()
    (tree / "sub" / "own.py").write_text("a = 1\n")
    git(tree, "add", "--all")
    git(tree, "commit", "--quiet", "--message", "more")
    (tree / "helpers.py").write_text("rate = 3\n")
    assert not revision(str(tree / "sub"), {}).commit.endswith("+")
    (tree / "sub" / "own.py").write_text("a = 2\n")
    assert "+++ b/own.py" in revision(str(tree / "sub"), {}).difference


def test_a_difference_that_is_too_long_is_cut(tree):
    (tree / "helpers.py").write_text("rate = 10\n" * LARGEST)
    found = revision(str(tree), {})
    assert found.difference.endswith("… and more\n")
    assert len(found.difference) < LARGEST + 100


def test_nothing_is_told_where_there_is_no_repository_no_commit_or_no_git(tmp_path, monkeypatch):
    assert revision(str(tmp_path), {}) is None
    git(tmp_path, "init", "--quiet")
    assert revision(str(tmp_path), {}) is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert revision(str(tmp_path), {"PATH": str(tmp_path)}) is None


def test_asking_runs_nothing_that_the_repository_names_and_writes_nothing(tree):
    trap = tree / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch '{tree}/sprung'\n")
    trap.chmod(0o755)
    for name in ("diff.external", "core.fsmonitor", "diff.trap.textconv", "core.pager"):
        git(tree, "config", name, str(trap))
    (tree / ".gitattributes").write_text("*.py diff=trap\n")
    (tree / "helpers.py").write_text("rate = 2\n")
    index = (tree / ".git" / "index").stat().st_mtime_ns
    assert "rate = 2" in revision(str(tree), {}).difference
    assert not (tree / "sprung").exists()
    assert (tree / ".git" / "index").stat().st_mtime_ns == index


@pytest.mark.parametrize(
    "line",
    [
        "+api_key = 'hunter2hunter'",
        "+    password: hunter2hunter",
        '+  "DB_PASSWORD": "hunter2hunter",',
        "+os.environ['AUTH_TOKEN'] = 'hunter2hunter'",
        "+url = 'postgresql://me:hunter2hunter@host/db'",
        "+key = AKIAHUNTER2HUNTER234",
        "+push(ghp_hunter2hunterhunter2hunter)",
        "+whatever(hunter2hunter)",
        "+-----BEGIN PRIVATE KEY-----\n+hunter2hunter\n+ENDhunter2\n+-----END PRIVATE KEY-----",
    ],
)
def test_what_looks_like_a_secret_is_masked(line):
    told = without_secrets(f"+before = 1\n{line}\n+after = 2", {"MY_TOKEN": "hunter2hunter", "HOME": "before"})
    assert "hunter2" not in told.lower()
    assert MASK in told
    assert told.startswith("+before = 1\n")
    assert told.endswith("\n+after = 2")
