"""Notebooks for the tests of the front end, and what a person does with them in every one."""

from __future__ import annotations

import re

import nbformat
from playwright.sync_api import expect

PATIENCE = 40_000  # milliseconds
KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}


def write(program, name, *sources, metadata=()):
    """Write a notebook with code cells, whose ids are `c0`, `c1`, …, into the program's project."""
    cells = [nbformat.v4.new_code_cell(source, id=f"c{number}") for number, source in enumerate(sources)]
    for number, given in dict(metadata).items():
        cells[number].metadata.update(given)
    book = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    nbformat.write(book, program.folder / name)
    return program.folder / name


def open_book(page, program, name):
    """Open a notebook and wait until its kernel is there."""
    page.goto(program.url(name))
    expect(page.locator(".jp-Notebook .jp-CodeCell").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").first).to_be_attached(timeout=PATIENCE)
    # the indicator is idle before there is a kernel, too: a cell that is run then raises a dialog
    expect(page.get_by_text(re.compile(r"\(ipykernel\) \| (Idle|Busy)"))).to_be_visible(timeout=PATIENCE)


def cell(page, number):
    """Return a code cell, by its place among the cells that are drawn."""
    return page.locator(".jp-Notebook .jp-Cell").nth(number)


def badge(page, number):
    """Return the badge of a cell."""
    return cell(page, number).locator(".steppe-Badge")


def run(page, number):
    """Run a cell as a person does, and stay on it."""
    cell(page, number).locator(".cm-content").click()
    page.keyboard.press("Control+Enter")


def menu(page, *names):
    """Choose from the menu bar."""
    page.get_by_role("menuitem", name=names[0], exact=True).first.click()
    for name in names[1:]:
        page.get_by_role("menuitem", name=name).first.click()


def save_until(page, path, holds):
    """Save the notebook again and again until its file is as it should be: what the form tells comes by the server."""
    for _ in range(PATIENCE // 500):
        page.keyboard.press("Control+s")
        page.wait_for_timeout(500)
        book = nbformat.read(path, 4)
        if holds(book):
            return book
    raise AssertionError(nbformat.writes(book))


def wait_for_layout(page, program, text):
    """Wait until JupyterLab has saved a layout that holds a text: it does so some time after the last change."""
    for _ in range(PATIENCE // 500):
        answer = page.request.get(f"http://127.0.0.1:{program.port}/lab/api/workspaces/default")
        if answer.ok and text in answer.text():
            return
        page.wait_for_timeout(500)
    raise AssertionError(answer.text())


def many_steps(count):
    """Return the cells of a large pipeline: each step reads one or two of the steps before it."""
    cells = ["%%step s0\nv0 = 1"]
    for number in range(1, count):
        reads = sorted({(number - 1) // 3, max(0, number - 7)})
        cells.append(f"%%step s{number}\nv{number} = {' + '.join(f'v{each}' for each in reads)}")
    return cells
