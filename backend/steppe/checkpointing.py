"""`steppe.checkpoint`: what it gives. Where that is kept is the business of whoever runs the code."""

from __future__ import annotations

import os
import re
from typing import Any

from steppe.errors import UsageError
from steppe.worker.checkpoints import current

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")


class Checkpoint:
    """What a step saves of itself while it runs, and finds again when it is tried again. Made by `steppe.checkpoint`.

    Attributes:
        name: tells several of one step apart.
    """

    def __init__(self, name: str = "last") -> None:
        """See `steppe.checkpoint`."""
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            said = "a name of letters, digits, `.`, `_` and `-`"
            raise UsageError(f"steppe.checkpoint({name!r}): give it {said}, such as 'fold-1', or none.")
        self.name = name

    def load(self, default: Any = None) -> Any:
        """Return the state that was saved last by this try of the step, or by one before it that did not succeed.

        Args:
            default: what to return where there is none: in the first try, and outside of a step.

        Raises:
            steppe.errors.StoreUnavailable: the store can't be reached.
        """
        keeps = current()
        there, state = keeps.load(self.name) if keeps is not None else (False, None)
        return state if there else default

    def save(self, state: Any, *, step: int | None = None) -> None:
        """Save a state in the place of the last one: after it returns, a try that follows finds this one.

        Where the store is full or out of reach it says so, the last one stays, and the step goes on.

        Args:
            state: any value that a step could leave: dicts, arrays, frames, `state_dict()`s …
            step: counts epochs or batches, for `Checkpoint.step`.

        Raises:
            steppe.errors.CannotMove: it holds something that can't be stored.
        """
        if (keeps := current()) is not None:
            keeps.save(self.name, state, step)

    def load_files(self, folder: str | os.PathLike[str]) -> bool:
        """Write the files that were saved last into a folder, over their namesakes; tell whether there are any.

        Args:
            folder: where; it is made where it is missing.
        """
        keeps = current()
        return keeps.load_files(self.name, os.fspath(folder)) if keeps is not None else False

    def save_files(self, folder: str | os.PathLike[str], *, step: int | None = None) -> None:
        """Save all files below a folder in the place of the last ones: for libraries that write checkpoints themselves.

        Args:
            folder: with whatever such a library has written.
            step: counts epochs or batches, for `Checkpoint.step`.

        Raises:
            steppe.errors.UsageError: there is no such folder.
        """
        path = os.fspath(folder)
        if not os.path.isdir(path):
            raise UsageError(f"checkpoint.save_files({path!r}): there is no such folder.")
        if (keeps := current()) is not None:
            keeps.save_files(self.name, path, step)

    @property
    def step(self) -> int | None:
        """The number that the last one was saved under; None where there is none, or none was loaded or saved yet."""
        keeps = current()
        return keeps.step(self.name) if keeps is not None else None

    @property
    def kept(self) -> bool:
        """Whether what is saved is kept: False outside of a step, and in a step in the kernel that is not cached."""
        return current() is not None

    def __repr__(self) -> str:
        """Say what it is good for here."""
        where = "" if self.kept else ", kept nowhere: no step that could find it again runs"
        return f"<steppe checkpoint {self.name!r}{where}>"
