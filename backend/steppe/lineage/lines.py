"""Cuts what a step shows into lines, as it comes: the same whether all is there or more is to come. Reads nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from steppe.types import Shown, Struct


class Line(Struct, frozen=True, kw_only=True):
    """One line: its number from 0, `stdout`, `stderr`, `display` or `result`, and its text without the line's end."""

    number: int
    stream: str
    text: str


class Cut:
    """What a step has shown so far, as lines.

    Attributes:
        total: how many lines there are; the last one may still grow.
    """

    def __init__(self) -> None:
        self.total = 0
        self._stream = ""
        self._open: list[str] = []

    @property
    def certain(self) -> int:
        """How many lines there are that can't grow any more."""
        return self.total - len(self._open)

    def add(self, shown: Iterable[Shown]) -> list[Line]:
        """Return the lines that are new with something shown, and the one that has grown, if any."""
        found: list[Line] = []
        for stream, text in _texts(shown):
            writes = stream in ("stdout", "stderr")
            if self._open and (not writes or stream != self._stream):
                self._open = []  # another stream begins a line of its own
            elif self._open:
                self.total -= 1
            whole = "".join((*self._open, text)).split("\n")
            self._stream, self._open = stream, []
            if not whole[-1]:
                whole.pop()
            elif writes:
                self._open = [_shortened(whole[-1])]
            for line in whole:
                found.append(Line(number=self.total, stream=stream, text=_last(line)))
                self.total += 1
        return found


def lines(shown: Iterable[Shown]) -> list[Line]:
    """Return all lines of what a step showed."""
    return Cut().add(shown)


def _texts(shown: Iterable[Shown]) -> Iterator[tuple[str, str]]:
    """Yield streams and their texts, writes to one stream that follow each other as one."""
    stream, texts = "", list[str]()
    for item in shown:
        if item.kind == "stream" and item.name == stream:
            texts.append(item.text)
            continue
        if texts:
            yield stream, "".join(texts)
            stream, texts = "", []
        if item.kind == "stream":
            stream, texts = item.name, [item.text]
        elif item.kind in ("display", "update", "result"):
            yield "result" if item.kind == "result" else "display", _plain(item.data)
    if texts:
        yield stream, "".join(texts)


def _plain(data: dict[str, Any]) -> str:
    text = data.get("text/plain", "")
    return "".join(text) if isinstance(text, list | tuple) else str(text)


def _last(line: str) -> str:
    """Return what a terminal shows of a line that was written over by carriage returns, as progress bars do."""
    return next((part for part in reversed(line.split("\r")) if part), "")


def _shortened(line: str) -> str:
    """Return a line that may go on without what was written over: a bar may write itself a million times."""
    tail = line.rpartition("\r")[2]
    return tail or (f"{_last(line)}\r" if line else "")
