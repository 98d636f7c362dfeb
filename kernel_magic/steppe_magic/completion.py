"""Completion: what may follow `%steppe` and `%%step`; and placeholders made real where one looks in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from IPython.core.completer import SimpleCompletion, context_matcher

from steppe.analysis.options import OPTIONS
from steppe.engine.session import EXECUTORS
from steppe.errors import SteppeError
from steppe.values.lazy import is_lazy, real
from steppe.worker.trace import unseen
from steppe_magic.help import COMMANDS
from steppe_magic.past import Past

SWITCH = ("true", "false")
VALUES: dict[str, tuple[str, ...]] = {
    "cache": SWITCH,
    "setup": SWITCH,
    "wait": SWITCH,
    "env": ("imports", "lock", "ignore"),
    "seed": ("none",),
    "expires": ("1h", "1d", "7d", "never"),
    "timeout": ("10m", "1h", "never"),
    "gpu": ("1",),
    "nodes": ("2", "4"),
    "memory": ("1Gi", "4Gi", "16Gi"),
}
"""What an option takes, where that can be listed."""

_KEY = re.compile(r"([\w-]+)=[^\s=]*$")
_DOTTED = re.compile(r"(?<![\w.])([^\W\d]\w*)\s*(?:\.|\[|\()")


class Completion:
    """Completes the lines of the magics in one shell: a matcher of IPython's, which keeps Python's names away there."""

    def __init__(self, shell: Any, cells: Any) -> None:
        self._shell = shell
        self._cells = cells

        @context_matcher(identifier="steppe", priority=1000)  # type: ignore[untyped-decorator]
        def matcher(context: Any) -> Any:
            return self._match(context)

        self._matcher = matcher
        shell.Completer.custom_matchers.append(self._matcher)

    def stop(self) -> None:
        """Complete no more."""
        self._shell.Completer.custom_matchers.remove(self._matcher)

    def _match(self, context: Any) -> Any:
        """Return what may come next, where the cursor is on a line of ours."""
        line = context.line_with_cursor[: context.cursor_position]
        offered: Iterable[str] = ()
        if context.cursor_line == 0 and re.match(r"\s*%%step\s", line):
            offered = self._step_line(line)
        elif re.match(r"\s*%steppe\s", line):
            offered = self._steppe_line(line)
        begun = re.split(r"[\s=,]", line)[-1]
        found = [SimpleCompletion(text=text, type="param") for text in offered if text.startswith(begun)]
        return {"completions": found, "matched_fragment": begun, "suppress": bool(offered)}

    def _step_line(self, line: str) -> list[str]:
        found = _KEY.search(line)
        if found is not None:
            return list(self._values(found[1]))
        given = set(re.findall(r"([\w-]+)=", line))
        return [f"{option.name}=" for option in OPTIONS if option.name not in given]

    def _values(self, key: str) -> Iterable[str]:
        if key == "on":
            return ("inline", *EXECUTORS)
        if key == "profile":
            return sorted(self._cells.session.project.settings.profiles)
        if key in ("inputs", "outputs"):
            return sorted(name for name in self._shell.user_ns if name not in self._shell.user_ns_hidden)
        return VALUES.get(key, ())

    def _steppe_line(self, line: str) -> list[str]:
        words = line.split()
        if not line[-1:].isspace():
            words = words[:-1]
        if len(words) < 2:
            return list(COMMANDS)
        if len(words) > 2:
            return []
        try:
            with unseen():
                return self._arguments(words[1])
        except SteppeError:
            return []

    def _arguments(self, command: str) -> list[str]:
        past = Past(self._cells.session, self._cells.steps)
        if command in ("wait", "cancel"):
            return [pending.step.request.name for pending in self._cells.session.pending]
        if command in ("why", "clear"):
            return past.names()
        if command == "show":
            return [*past.names(), *past.variables()]
        if command == "lineage":
            return past.variables()
        return ["on", "off"] if command == "auto" else []


class Looking:
    """Wraps what front ends ask of a shell between cells, so that they meet values and not placeholders.

    A value that a step in the background still computes is not waited for.
    """

    def __init__(self, shell: Any, cells: Any) -> None:
        self._shell = shell
        self._cells = cells
        self._undo: list[Callable[[], None]] = []
        self._wrap(shell.Completer, "completions", lambda text, *_: text)
        self._wrap(shell.Completer, "complete", lambda text=None, line=None, *_: line or text)
        self._wrap(shell, "object_inspect_mime", lambda name, *_: f"{name}.")
        self._wrap(shell, "object_inspect", lambda name, *_: f"{name}.")

    def _wrap(self, owner: Any, name: str, text_of: Callable[..., Any]) -> None:
        original = getattr(owner, name)

        def looked(*args: Any, **options: Any) -> Any:
            self._load(str(text_of(*args) or ""))
            return original(*args, **options)

        had = name in vars(owner)
        setattr(owner, name, looked)
        self._undo.append(lambda: setattr(owner, name, original) if had else delattr(owner, name))

    def _load(self, text: str) -> None:
        namespace = self._shell.user_ns
        pending = {name for each in self._cells.session.pending if not each.done for name in each.names}
        for name in set(_DOTTED.findall(text)) - pending:
            if is_lazy(namespace.get(name)):
                with unseen():
                    namespace[name] = real(namespace[name])

    def stop(self) -> None:
        """Take the wraps off again."""
        for undo in reversed(self._undo):
            undo()
