"""Cuts scripts and pages into the cells that a person would have written. Knows files and notebooks, not packages.

A kind says how a file is cut:

- `gallery`: a sphinx-gallery script, cut by sphinx-gallery's own splitter;
- `notebook`: an `.ipynb` file, its outputs cleared;
- `doctest`: a page of documentation, the examples between two pieces of prose being one cell;
- `paragraphs`: a plain script, cut at the blank lines between its top-level statements;
- `percent`: a script with `# %%` marks and commented magics, read by jupytext.
"""

from __future__ import annotations

import ast
import doctest
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def split(file: Path, kind: str) -> NotebookNode:
    """Return the file as a notebook without outputs, whose cell ids depend on nothing but the cells' order."""
    cells = list(CUTTERS[kind](file))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number:03d}"
    notebook = new_notebook(cells=cells, metadata=KERNEL)
    nbformat.validate(notebook)
    return notebook


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the code cells that hold anything: front ends do not run the others."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def _gallery(file: Path) -> Iterator[NotebookNode]:
    from sphinx_gallery.py_source_parser import split_code_and_text_blocks

    _, blocks = split_code_and_text_blocks(file)
    for kind, content, _ in blocks:
        yield new_code_cell(content.strip("\n")) if kind == "code" else new_markdown_cell(content.strip())


def _notebook(file: Path) -> Iterator[NotebookNode]:
    for cell in nbformat.read(file, as_version=4).cells:
        yield new_code_cell(cell.source) if cell.cell_type == "code" else new_markdown_cell(cell.source)


def _doctest(file: Path) -> Iterator[NotebookNode]:
    sources: list[str] = []
    for piece in doctest.DocTestParser().parse(file.read_text("utf-8"), str(file)):
        if isinstance(piece, doctest.Example):
            if not piece.exc_msg and not piece.options.get(doctest.SKIP):
                sources.append(piece.source)
        elif piece.strip():
            if sources:
                yield new_code_cell("".join(sources).strip("\n"))
                sources = []
            yield new_markdown_cell(piece.strip())
    if sources:
        yield new_code_cell("".join(sources).strip("\n"))


def _paragraphs(file: Path) -> Iterator[NotebookNode]:
    text = file.read_text("utf-8")
    lines = text.splitlines()
    tree = ast.parse(text)
    if prose := ast.get_docstring(tree):
        yield new_markdown_cell(prose)
    cuts = [tree.body[0].end_lineno if prose else 0]
    for statement in tree.body[bool(prose) :]:
        first = min([statement.lineno, *(node.lineno for node in getattr(statement, "decorator_list", ()))]) - 1
        while first and lines[first - 1].startswith("#"):
            first -= 1
        if first and not lines[first - 1].strip():
            cuts.append(first)
    for start, stop in itertools.pairwise([*cuts, len(lines)]):
        source = "\n".join(lines[start:stop]).strip("\n")
        if source:
            yield new_code_cell(source)


def _percent(file: Path) -> Iterator[NotebookNode]:
    import jupytext

    for cell in jupytext.read(file, fmt="py:percent").cells:
        if cell.cell_type == "markdown":
            yield new_markdown_cell(cell.source)
        else:
            kept = {key: value for key, value in cell.metadata.items() if key in {"tags", "steppe"}}
            yield new_code_cell(cell.source, metadata=kept)


CUTTERS: dict[str, Callable[[Path], Iterator[NotebookNode]]] = {
    "gallery": _gallery,
    "notebook": _notebook,
    "doctest": _doctest,
    "paragraphs": _paragraphs,
    "percent": _percent,
}
