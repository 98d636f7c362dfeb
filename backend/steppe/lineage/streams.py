"""What a reader sees in the end of what was written to a stream, and what of it says the same each time.

Lines of progress that were written over are gone, and so are times and rates in those that are left. Warnings are
looked at by themselves: Python shows each once in a process, so that one which an earlier cell has drawn does not come.
"""

from __future__ import annotations

import re

PIECE = re.compile(r"\r\n|[\r\n\x08]|\x1b\[([\d;?]*)([A-Za-z])|[^\r\n\x08\x1b]+|\x1b")
"""What a terminal takes at once: text, or a way to move."""

BAR = re.compile(r"\|[^|\n]*\|")
RATE = re.compile(r"(?:\?|\d+(?:\.\d+)?) ?[A-Za-zµμ]*/[A-Za-z]+")
CLOCK = re.compile(r"\d+(?::\d\d)+(?:\.\d+)?|(?<=<)\?")
SPAN = re.compile(r"\d+(?:\.\d+)? ?(?:ns|[uµμ]s|ms|s|secs?|seconds|mins?|h)\b")

WARNING = re.compile(r"(\S.*?:\d+: \w*Warning): ")
"""How a line begins with which Python shows a warning: where, and of which kind."""

LONGEST = 30
"""Lines that a warning may have."""


def left(text: str) -> str:
    """Return what is left of a text, as a notebook or a terminal shows it, without what changes each time."""
    return _Screen().after(text) if any(sign in text for sign in "\r\x08\x1b") else text


class _Screen:
    """The lines of a terminal that is wide enough."""

    def __init__(self) -> None:
        self._lines: list[list[str]] = [[]]
        self._over: set[int] = set()
        self._row = self._column = 0

    def after(self, text: str) -> str:
        """Return what stands there after a text was written."""
        for piece in PIECE.finditer(text):
            if piece[2]:
                self._moves(piece[2], piece[1])
            elif piece[0] in ("\n", "\r\n"):
                self._down(1)
                self._column = 0
            elif piece[0] == "\r":
                self._over.add(self._row)
                self._column = 0
            elif piece[0] == "\x08":
                self._over.add(self._row)
                self._column = max(0, self._column - 1)
            elif piece[0] != "\x1b":
                self._write(piece[0])
        lines = ["".join(line) for line in self._lines]
        return "\n".join(_timeless(line) if number in self._over else line for number, line in enumerate(lines))

    def _write(self, text: str) -> None:
        line = self._lines[self._row]
        line += " " * (self._column - len(line))
        line[self._column : self._column + len(text)] = text
        self._column += len(text)

    def _moves(self, how: str, given: str) -> None:
        count = min(int(given), 1000) if given.isdigit() else 1
        if how == "A":
            self._row = max(0, self._row - count)
        elif how == "B":
            self._down(count)
        elif how == "K":
            self._over.add(self._row)
            del self._lines[self._row][0 if given == "2" else self._column :]

    def _down(self, count: int) -> None:
        self._row += count
        self._lines += [[] for _ in range(self._row + 1 - len(self._lines))]


def _timeless(line: str) -> str:
    """Return a line that was written over without bars, whose width follows the window, and without times."""
    line = BAR.sub("||", line.rstrip())
    for pattern in (RATE, CLOCK, SPAN):
        line = pattern.sub("…", line)
    return line


def without_warnings(text: str) -> tuple[str, dict[str, set[str]]]:
    """Return a text without the warnings in it, and these by where and of which kind they are."""
    lines = text.splitlines(keepends=True)
    rest: list[str] = []
    found: dict[str, set[str]] = {}
    number = 0
    while number < len(lines):
        begins = WARNING.match(lines[number])
        if begins is None:
            rest.append(lines[number])
            number += 1
            continue
        end = _end(lines, number)
        found.setdefault(begins[1], set()).add("".join(lines[number:end]))
        number = end
    return "".join(rest), found


def _end(lines: list[str], start: int) -> int:
    """Return where a warning ends: after the line of code, which is set in, where it has one."""
    for number in range(start + 1, min(len(lines), start + LONGEST)):
        if WARNING.match(lines[number]):
            break
        if lines[number].startswith("  "):
            return number + 1
    return start + 1


def warned_otherwise(was: dict[str, set[str]], now: dict[str, set[str]]) -> str:
    """Return what a warning says at a place where another was shown; nothing where none does."""
    for where in was.keys() & now.keys():
        if not (was[where] <= now[where] or now[where] <= was[where]):
            return min(now[where] - was[where]).removeprefix(f"{where}: ").strip()
    return ""
