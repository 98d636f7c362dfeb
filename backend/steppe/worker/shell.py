"""The worker's IPython shell: runs cells as a kernel does, and tells what they show instead of showing it."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type

from steppe.types import Shown
from steppe.worker.tracebacks import pruning

Tell = Callable[[Shown], None]


class TellingPublisher(DisplayPublisher):  # type: ignore[misc]  # IPython has no types
    """Tells of displays."""

    def publish(
        self, data: Any, metadata: Any = None, *, transient: Any = None, update: bool = False, **_: Any
    ) -> None:
        """Tell of a display, or of an update to one."""
        display_id = str((transient or {}).get("display_id", ""))
        kind = "update" if update else "display"
        self.shell.tell(Shown(kind=kind, data=dict(data), metadata=dict(metadata or {}), display_id=display_id))

    def clear_output(self, wait: bool = False) -> None:
        """Tell that the output so far is to go."""
        self.shell.tell(Shown(kind="clear", wait=wait))


class TellingHook(DisplayHook):  # type: ignore[misc]  # likewise
    """Tells of the value of a cell."""

    def quiet(self) -> bool:
        """Tell whether the cell ends in a semicolon; IPython would look for it in a history."""
        return bool(self.semicolon_at_end_of_expression(self.shell.source))

    def write_output_prompt(self) -> None:
        """Write no prompt: the kernel does."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        """Tell of the value's representations."""
        self.shell.tell(Shown(kind="result", data=dict(format_dict), metadata=dict(md_dict or {})))

    def finish_displayhook(self) -> None:
        """Write nothing after it."""
        self._is_active = False


class TellingStream:
    """A standard stream that tells of what is written."""

    encoding = "UTF-8"  # as ipykernel spells it
    errors = "replace"
    mode = "w"
    closed = False

    def __init__(self, name: str, tell: Tell, below: Any) -> None:
        self.name = f"<{name}>"
        self._stream = name
        self._tell = tell
        self._below = below

    def write(self, text: str) -> int:
        """Tell of a write."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if text:
            self._tell(Shown(kind="stream", name=self._stream, text=text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Tell of several writes."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Do nothing: what is told is on its way."""

    def isatty(self) -> bool:
        """Tell that this is no terminal."""
        return False

    def fileno(self) -> int:
        """Return the descriptor of the real stream."""
        number: int = self._below.fileno()
        return number

    def readable(self) -> bool:
        """Tell that nothing can be read."""
        return False

    def writable(self) -> bool:
        """Tell that it can be written to."""
        return True


class CellCompiler(CachingCompiler):  # type: ignore[misc]  # IPython has no types
    """Names the files of cells as the kernel does, which ipykernel and a terminal do each in a way of their own.

    Attributes:
        filenames: the kernel's way, with `{}` for the digest of a cell's text; empty for IPython's own.
        names: names that are known, by the cell's source.
    """

    def __init__(self) -> None:
        super().__init__()
        self.filenames = ""
        self.names: dict[str, str] = {}

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        """Return the name of a cell's file."""
        if known := self.names.get(transformed_code):
            return known
        if not self.filenames:
            name: str = super().get_code_name(raw_code, transformed_code, number)
            return name
        from ipykernel.compiler import get_tmp_hash_seed, murmur2_x86

        raw = raw_code.removesuffix("\n")  # which IPython adds to what the front end sends
        return self.filenames.format(murmur2_x86(raw, get_tmp_hash_seed()))


class WorkerShell(InteractiveShell):  # type: ignore[misc]  # IPython has no types
    """An IPython shell without a terminal and without a front end.

    Attributes:
        tell: called with what is shown.
        failure: class, value and traceback lines of the error that was shown last.
        source: the source of the cell that runs.
    """

    display_pub_class = Type(TellingPublisher)
    displayhook_class = Type(TellingHook)
    compiler_class = Type(CellCompiler)
    source: str = ""
    tell: Tell = staticmethod(lambda _: None)
    failure: tuple[type, BaseException, list[str]] | None = None

    def _get_exc_info(self, exc_tuple: Any = None) -> Any:
        return pruning(super()._get_exc_info)(exc_tuple)

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        self.failure = etype, evalue, list(stb)

    def init_history(self) -> None:
        """Keep no history."""
        super().init_history()
        self.history_manager.enabled = False

    def enable_gui(self, gui: Any = None) -> None:
        """Ignore requests for an event loop."""


def make_shell(tell: Tell, like: str = "") -> WorkerShell:
    """Make the worker's shell; its streams tell as it does.

    Args:
        tell: called with what is shown.
        like: the class of the kernel's shell: libraries look at its name to know whether they are in a notebook.
    """
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "neutral"
    shell: WorkerShell = WorkerShell.instance(config=config)
    module, _, name = like.rpartition(".")
    if name:
        shell.__class__ = shell_like(module, name)
    if module.startswith("ipykernel"):
        shell.config["IPKernelApp"] = Config()
    shell.tell = tell
    sys.stdout, sys.stderr = (
        TellingStream("stdout", tell, sys.__stdout__),
        TellingStream("stderr", tell, sys.__stderr__),
    )
    return shell


@functools.cache
def shell_like(module: str, name: str) -> type[WorkerShell]:
    """Return the class of the worker's shell under the name of a kernel's: making one takes a millisecond."""
    return type(name, (WorkerShell,), {"__module__": module})


def show_figures(shell: WorkerShell, formats: tuple[str, ...]) -> None:
    """Let the shell show figures as values: the fork server has loaded the backend when there was no shell yet."""
    from matplotlib_inline.backend_inline import configure_inline_support
    from matplotlib_inline.config import InlineBackend

    configure_inline_support(shell, "inline")
    InlineBackend.instance(parent=shell).figure_formats = set(formats)
