"""Every command in a real JupyterLab, by keyboard alone: palette, menu, shortcuts, and shortcuts of one's own."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from tests.ui.notebooks import PATIENCE, badge, cell, open_book, write
from tests.ui.test_lab_sidebar import picture

SLOW = "%%step slow\nimport time\nfor _ in range(600):\n    time.sleep(0.1)\nw = t"
CELLS = ("import steppe", "%%step load\nxs = list(range(5))", "%%step total\nt = sum(xs)", SLOW)

SHORTCUTS = {
    "steppe:run-stale": "s",
    "steppe:run-to-here": "h",
    "steppe:run-all": "a",
    "steppe:rerun-step": "r",
    "steppe:cancel-step": "c",
    "steppe:toggle-step": "t",
    "steppe:open-lineage": "l",
    "steppe:open-step": "d",
    "steppe:open-artifact": "o",
    "steppe:compare-runs": "m",
    "steppe:export-pipeline": "e",
}
LABELS = (
    "Run Stale Steps",
    "Run to Here",
    "Run All Steps",
    "Run with Steppe…",
    "Schedule with Steppe…",
    "Run This Step Again",
    "Cancel the Running Step",
    "Make This Cell a Step, or No Step",
    "Open Lineage of This Notebook",
    "Open Details of a Step",
    "Open Artifact…",
    "Open Runs",
    "Compare Runs…",
    "Open Schedules",
    "Export the Pipeline…",
)


def press(page, key):
    """Press Alt+S and Alt+KEY, in the cell that is chosen."""
    page.keyboard.press("Alt+s")
    page.keyboard.press(f"Alt+{key}")


def go_to(page, number):
    """Choose a cell by the arrow keys, from the first."""
    page.locator(".jp-Notebook").first.focus()
    page.keyboard.press("Escape")
    page.evaluate("document.querySelector('.jp-Notebook').focus()")
    for _ in range(len(CELLS)):
        page.keyboard.press("ArrowUp")
    for _ in range(number):
        page.keyboard.press("ArrowDown")
    expect(cell(page, number)).to_have_class(re.compile("jp-mod-active"))


def goes_on(page):
    expect(badge(page, 3)).to_contain_text(re.compile("^running"), timeout=PATIENCE)


@pytest.mark.slow
def test_each_command_is_done_by_its_shortcut(page, steppe_lab):
    path = write(steppe_lab, "keys.ipynb", *CELLS)
    open_book(page, steppe_lab, path.name)
    expect(badge(page, 1)).to_contain_text("not run yet", timeout=PATIENCE)
    go_to(page, 2)
    press(page, "h")
    expect(badge(page, 2)).to_contain_text(re.compile("^done in"), timeout=PATIENCE)
    press(page, "s")
    goes_on(page)
    press(page, "c")
    expect(badge(page, 3)).to_contain_text("cancelled", timeout=PATIENCE)
    press(page, "a")
    goes_on(page)
    press(page, "c")
    expect(badge(page, 3)).to_contain_text("cancelled", timeout=PATIENCE)
    go_to(page, 1)
    press(page, "r")
    expect(badge(page, 1)).to_contain_text(re.compile("^done in"), timeout=PATIENCE)
    press(page, "t")
    expect(cell(page, 1).locator(".cm-line").first).to_have_text("xs = list(range(5))")
    press(page, "t")
    expect(cell(page, 1).locator(".cm-line").first).to_have_text("%%step load")
    press(page, "d")
    expect(page.locator(".steppe-Step h2")).to_contain_text("load", timeout=PATIENCE)
    expect(page.get_by_role("tab", name="Step", exact=True)).to_be_focused()
    go_to(page, 1)
    press(page, "l")
    expect(page.locator(".steppe-Graph")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".steppe-Node[data-chosen=true]")).to_contain_text("total")
    go_to(page, 1)
    press(page, "m")
    expect(page.get_by_role("tab", name="Runs", exact=True)).to_be_focused()
    expect(page.locator(".steppe-Run")).to_have_count(1)
    go_to(page, 1)
    press(page, "e")
    dialog = page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("Export the pipeline as")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The pipeline is in keys.pipeline.mmd.")).to_be_visible(timeout=PATIENCE)
    assert "load" in (steppe_lab.folder / "keys.pipeline.mmd").read_text()
    go_to(page, 1)
    press(page, "o")
    expect(dialog).to_contain_text("Open which value?", timeout=PATIENCE)
    page.keyboard.press("Control+a")
    page.keyboard.type("t of total")
    page.keyboard.press("Enter")
    expect(page.locator(".steppe-artifact:visible h2")).to_have_text("t", timeout=PATIENCE)


@pytest.mark.slow
def test_each_command_is_in_the_menu_and_in_the_palette(page, steppe_lab):
    write(steppe_lab, "menu.ipynb", *CELLS[:3])
    open_book(page, steppe_lab, "menu.ipynb")
    expect(badge(page, 1)).to_contain_text("not run yet", timeout=PATIENCE)
    go_to(page, 2)
    open_menu(page)
    shown = page.locator(".lm-Menu-item[data-type=command] .lm-Menu-itemLabel")
    expect(shown).to_have_text(LABELS)
    for key in SHORTCUTS.values():
        label = page.locator(".lm-Menu-itemShortcut", has_text=re.compile(f"Alt\\+S,? Alt\\+{key}", re.IGNORECASE))
        expect(label).to_have_count(1)
    picture(page, "menu")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".lm-Menu-item.lm-mod-active")).to_contain_text("Run to Here")
    page.keyboard.press("Enter")
    expect(badge(page, 2)).to_contain_text(re.compile("^(done in|hit)"), timeout=PATIENCE)
    for label in LABELS:
        search(page, label)
        expect(page.locator(".lm-CommandPalette-item .lm-CommandPalette-itemLabel").first).to_contain_text(label)
        page.keyboard.press("Escape")
    search(page, "Run with Steppe…")
    page.keyboard.press("Enter")
    expect(page.locator(".jp-Dialog")).to_contain_text("Run menu.ipynb with Steppe", timeout=PATIENCE)
    page.keyboard.press("Enter")
    expect(page.get_by_text("menu.ipynb has run.")).to_be_visible(timeout=2 * PATIENCE)
    search(page, "Open Runs")
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="Runs", exact=True)).to_be_focused(timeout=PATIENCE)
    expect(cell(page, 2).locator("[data-jp-item-name='steppe-toggle']")).to_be_attached()
    toolbar = page.locator(".jp-NotebookPanel-toolbar")
    expect(toolbar.locator("[data-jp-item-name='steppe-run-stale']")).to_be_attached()
    toolbar.locator("[data-jp-item-name='steppe-lineage'] jp-button").click()
    expect(page.locator(".steppe-Graph")).to_be_focused()


def open_menu(page):
    """Open the Steppe menu by keyboard: the menu bar takes the arrow keys once it has the focus."""
    page.locator(".lm-MenuBar-item").first.focus()
    for _ in range(12):
        if "Steppe" in (page.evaluate("document.activeElement.textContent") or ""):
            break
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")


def search(page, text):
    """Type into the command palette."""
    page.keyboard.press("Control+Shift+c")
    field = page.locator(".lm-CommandPalette-input")
    expect(field).to_be_focused()
    field.fill(text)


@pytest.mark.slow
def test_each_shortcut_can_be_changed(page, steppe_lab):
    write(steppe_lab, "own.ipynb", *CELLS[:3])
    keys = {command: ["Accel Alt G", f"Accel Alt {key.upper()}"] for command, key in SHORTCUTS.items()}
    settings = steppe_lab.folder.parent / "settings/@jupyterlab/shortcuts-extension"
    settings.mkdir(parents=True, exist_ok=True)
    mine = [{"command": command, "keys": each, "selector": ".jp-Notebook"} for command, each in keys.items()]
    off = [
        {"command": command, "keys": ["Alt S", f"Alt {key.upper()}"], "selector": ".jp-Notebook", "disabled": True}
        for command, key in SHORTCUTS.items()
    ]
    (settings / "shortcuts.jupyterlab-settings").write_text(json.dumps({"shortcuts": mine + off}))
    open_book(page, steppe_lab, "own.ipynb")
    expect(badge(page, 1)).to_contain_text("not run yet", timeout=PATIENCE)
    bound = page.evaluate(
        "window.jupyterapp.commands.keyBindings.filter(each => each.command.startsWith('steppe:'))"
        ".map(each => [each.command, [...each.keys]])"
    )
    assert dict(bound) == {command: [word.replace("Accel", "Ctrl") for word in each] for command, each in keys.items()}
    go_to(page, 1)
    press(page, "t")
    page.keyboard.press("Control+Alt+g")
    page.keyboard.press("Control+Alt+l")
    expect(page.locator(".steppe-Graph")).to_be_focused(timeout=PATIENCE)
    expect(cell(page, 1).locator(".cm-line").first).to_have_text("%%step load")
    (settings / "shortcuts.jupyterlab-settings").unlink()
