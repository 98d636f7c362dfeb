"""The pages of the documentation, taken apart: blocks of code, commands, links."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")])
FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CELL = re.compile(r"\n\n(?=%%|# a plain cell)")


def blocks(page: Path, language: str) -> list[str]:
    """Return the fenced blocks in a language; those marked `python no-run` are left out."""
    return [
        text for name, rest, text in FENCE.findall(page.read_text("utf-8")) if name == language and "no-run" not in rest
    ]


def cells(page: Path) -> list[str]:
    """Return the cells of a page: each block of Python is one, or several where `%%` begins a paragraph."""
    return [cell for block in blocks(page, "python") for cell in CELL.split(block)]


def commands(page: Path) -> list[list[str]]:
    """Return the words of each line that begins with `$` in its blocks of shell."""
    lines = [line for block in blocks(page, "console") for line in block.splitlines()]
    return [line[2:].partition(" #")[0].split() for line in lines if line.startswith("$ ")]


def links(page: Path) -> list[str]:
    """Return the targets of its links and pictures that lie in the repository."""
    text = FENCE.sub("", page.read_text("utf-8"))
    return [target for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
