"""Which git commit a project is at, and how its tracked files differ from it. Asks git, and changes nothing."""

from __future__ import annotations

import contextlib
import re
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path

from steppe.types import Struct
from steppe.worker.probes import is_secret

LARGEST = 256 * 1024
"""Bytes of a difference that are kept: who changes more than that has not run a commit, but something else."""

PATIENCE = 20.0
"""Seconds after which git is given up, in a tree of a million files, say."""

APART = (":(exclude,glob)**/*.ipynb", ":(exclude,glob)**/*.lock")
"""What is told by its name alone: the code of steps is kept with each of them, and outputs are no code."""

HIDDEN = re.compile(
    r"(^|/)(\.env[^/]*|\.netrc|\.pypirc|\.npmrc|\.pgpass|id_[a-z0-9]+|credentials[^/]*|secrets?(\.[^/]*)?"
    r"|[^/]*\.(pem|key|p12|pfx))$",
    re.IGNORECASE,
)
"""Files whose lines are nobody's business."""

TOKENS = re.compile(
    r"\b(AKIA[0-9A-Z]{16}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|sk-[\w-]{16,}|xox[abprs]-[\w-]{10,}|hf_\w{20,}"
    r"|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*)|(?<=://)[^\s/:@]+:[^\s/@]+(?=@)"
)
"""What looks like a secret wherever it stands: tokens of well-known services, names and passwords in URLs."""

ASSIGNED = re.compile(
    r"""(?P<name>[A-Za-z_][\w-]*)(?P<between>["']?\]?\s*(?::=|[:=])\s*)(?P<value>[^\s,;)}\]]{4,}[^,;)}\]]*)"""
)

MASK = "•••"


class Revision(Struct, frozen=True, kw_only=True):
    """Where a project stands.

    Attributes:
        commit: the commit's hash, with `+` where tracked files differ from it.
        difference: how they differ, as git tells it, without what looks like a secret.
    """

    commit: str
    difference: str = ""


def revision(root: str, environ: Mapping[str, str]) -> Revision | None:
    """Return where the project in `root` stands; None where it is in no git repository, or git can't tell."""
    if not any((folder / ".git").exists() for folder in (Path(root), *Path(root).parents)):
        return None
    git = Git(root, environ)
    commit = git.ask("rev-parse", "--verify", "HEAD").strip()
    if not commit:
        return None
    names = git.ask("diff", "HEAD", "--relative", "--name-only", "--no-renames", "-z", "--", ".").split("\0")
    names = [name for name in names if name]
    if not names:
        return Revision(commit=commit)
    hidden = [name for name in names if HIDDEN.search(name)]
    plain = ("--no-ext-diff", "--no-textconv", "--no-color", "--no-renames", "--relative")
    asked = [".", *APART, *(f":(exclude,literal){name}" for name in hidden)]
    text = git.ask("diff", "HEAD", *plain, "--", *asked)
    told = without_secrets(text, environ)
    apart = [name for name in names if name in hidden or name.endswith((".ipynb", ".lock"))]
    head = f"changed, and not shown: {', '.join(apart)}\n" if apart else ""
    cut = len(text.encode()) >= LARGEST
    return Revision(commit=f"{commit}+", difference=head + told + ("\n… and more\n" if cut else ""))


def without_secrets(text: str, environ: Mapping[str, str]) -> str:
    """Return a text without what looks like a secret, and without the secrets that the environment holds."""
    held = sorted((value for name, value in environ.items() if is_secret(name) and len(value) >= 8), key=len)
    for value in reversed(held):
        text = text.replace(value, MASK)
    lines, key = [], False
    for line in TOKENS.sub(MASK, text).split("\n"):
        key = key or ("PRIVATE KEY-----" in line and "BEGIN" in line)
        lines.append(line[:1] + MASK if key else ASSIGNED.sub(_masked, line))
        key = key and "-----END" not in line
    return "\n".join(lines)


def _masked(found: re.Match[str]) -> str:
    return found["name"] + found["between"] + MASK if is_secret(found["name"]) else found[0]


class Git:
    """git in one folder, asked in a way that runs nothing that a repository names, and takes no lock."""

    def __init__(self, root: str, environ: Mapping[str, str]) -> None:
        """Take the folder and the environment, of which what a hook of git sets does not count."""
        self._root = root
        elsewhere = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_EXTERNAL_DIFF", "GIT_PREFIX")
        self._environ = {name: value for name, value in environ.items() if name not in elsewhere}
        self._environ |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}

    def ask(self, *words: str) -> str:
        """Return what git says, cut where it is too long; nothing where it refuses."""
        options = ("-c", "core.fsmonitor=false", "-c", "core.quotePath=false", "--no-pager")
        try:
            process = subprocess.Popen(
                ["git", *options, *words],
                cwd=self._root,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # an interrupt is meant for the kernel
            )
        except OSError:  # there is no git
            return ""
        assert process.stdout is not None
        timer = threading.Timer(PATIENCE, process.kill)
        timer.daemon, timer.name = True, "steppe-git"
        timer.start()
        with process, contextlib.suppress(OSError):
            found = process.stdout.read(LARGEST)
            more = process.stdout.read(1)
            if more:
                process.kill()
        timer.cancel()
        return found.decode("utf-8", "replace") if process.returncode == 0 or more else ""
