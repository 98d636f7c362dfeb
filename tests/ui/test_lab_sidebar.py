"""The side bar in a real JupyterLab: the graph before, while and after steps run, by mouse and by keyboard.

`STEPPE_SCREENSHOTS=FOLDER` keeps pictures of it for the docs.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import expect

from steppe.catalog import RunFilter, open_catalog
from steppe.ids import new_id
from steppe.types import Run, State, StepId, StepRun
from tests.ui.notebooks import PATIENCE, cell, menu, open_book, wait_for_layout, write

ROOT = Path(__file__).parents[2]
AXE = ROOT / "labextension/node_modules/axe-core/axe.min.js"
TRAIN = """%%step train
for epoch in range(20):
    steppe.log_metric("loss", 1 / (epoch + 1))
    print("epoch", epoch)
model = sum(early) / half"""
CELLS = (
    "import steppe",
    "%%step load\nrows = [{'day': day, 'sold': day * 7 % 31} for day in range(300)]\nprint(len(rows), 'rows')",
    "%%step clean\nsold = [row['sold'] for row in rows if row['sold'] > 2]",
    "%%step split\nhalf = len(sold) // 2\nearly, late = sold[:half], sold[half:]",
    TRAIN,
    "%%step evaluate\nerror = sum(abs(each - model) for each in late) / len(late)",
    "%%step report\nreport = f'{error:.3f} over {len(rows)} days'\nreport",
)
EDGES = 7
NAMES = ("load", "clean", "split", "train", "evaluate", "report")


def show(page):
    """Open the side bar as a person does, by its tab in the left bar."""
    if not page.locator("#steppe-sidebar").is_visible():
        page.locator(".jp-SideBar.jp-mod-left [data-id='steppe-sidebar']").click()
    expect(page.locator("#steppe-sidebar .steppe-Sidebar")).to_be_visible(timeout=PATIENCE)


def node(page, name):
    """Return the node of a step."""
    text = page.locator(".steppe-Node-text", has_text=re.compile(f"^{name}$"))
    return page.locator(".steppe-Graph .steppe-Node", has=text)


def picture(page, name):
    folder = os.environ.get("STEPPE_SCREENSHOTS")
    if folder:
        page.mouse.move(2, 2)
        page.wait_for_timeout(500)
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"lab-{name}.png")


def accessible(page, *where):
    """Assert that axe finds nothing serious in what is ours: the side bar and comparisons, or where it is said."""
    page.add_script_tag(path=AXE)
    include = [[selector] for selector in where or (".steppe-Lazy",)]
    found = page.evaluate("include => axe.run({include}, {resultTypes: ['violations']})", include)
    bad = [each for each in found["violations"] if each["impact"] in ("serious", "critical")]
    assert not bad, [
        (each["id"], [(item["html"], item["failureSummary"]) for item in each["nodes"]][:3]) for each in bad
    ]


def narrow(page, width=300):
    """Drag the side bar to a width."""
    panel = page.locator("#steppe-sidebar").bounding_box()
    page.mouse.move(panel["x"] + panel["width"] + 2, 500)
    page.mouse.down()
    page.mouse.move(panel["x"] + width, 500, steps=4)
    page.mouse.up()


def darken(page, program):
    """Choose the dark theme, and open the page again."""
    settings = program.folder.parent / "settings/@jupyterlab/apputils-extension/themes.jupyterlab-settings"
    settings.write_text('{"theme": "JupyterLab Dark"}')
    page.reload()
    expect(page.locator("body[data-jp-theme-light=false]")).to_be_attached(timeout=PATIENCE)
    expect(page.locator(".jp-Notebook .jp-CodeCell").first).to_be_visible(timeout=PATIENCE)


def all_are(page, kinds):
    for name in NAMES:
        expect(node(page, name)).to_have_attribute("data-kind", kinds, timeout=PATIENCE)


@pytest.mark.slow
def test_the_graph_is_there_before_anything_runs_and_follows_runs_hits_and_edits(page, steppe_lab):
    write(steppe_lab, "sales.ipynb", *CELLS)
    open_book(page, steppe_lab, "sales.ipynb")
    show(page)
    narrow(page)
    all_are(page, "never")
    expect(page.locator(".react-flow__edge")).to_have_count(EDGES)
    accessible(page)
    menu(page, "Run", re.compile("^Run All Cells$"))
    all_are(page, "succeeded")
    picture(page, "graph")
    menu(page, "Kernel", re.compile("^Restart Kernel and Run All Cells"))
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    all_are(page, "hit")
    walk(page)
    look_at_a_step(page)
    look_at_runs(page)
    look_at_more_runs(page, steppe_lab)
    page.get_by_role("tab", name="Graph", exact=True).click()
    cell(page, 3).locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("\nmiddle = half // 2")
    expect(node(page, "split")).to_have_attribute("data-kind", "stale-code", timeout=PATIENCE)
    expect(node(page, "split").locator(".steppe-Node-expected")).to_have_text(re.compile(r"^~[\d.]+ (ms|s)$"))
    expect(node(page, "load").locator(".steppe-Node-expected")).to_have_count(0)
    page.keyboard.press("Control+s")
    expect(page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0)
    darken(page, steppe_lab)
    show(page)
    narrow(page)
    expect(node(page, "split")).to_have_attribute("data-kind", "stale-code", timeout=PATIENCE)
    expect(page.locator(".react-flow__edge")).to_have_count(EDGES)
    accessible(page)
    picture(page, "graph-dark")
    node(page, "train").dblclick()
    expect(page.locator(".steppe-Plot")).to_be_visible()
    accessible(page)
    picture(page, "step-dark")


def walk(page):
    """Click a node: its cell comes to the front. Walk by arrows, open by Enter; a chosen cell chooses its node."""
    node(page, "report").click()
    expect(cell(page, 6)).to_have_class(re.compile("jp-mod-active"))
    expect(cell(page, 6)).to_be_in_viewport()
    graph = page.locator(".steppe-Graph")
    graph.press("ArrowUp")
    expect(node(page, "evaluate")).to_have_attribute("data-chosen", "true")
    expect(cell(page, 5)).to_have_class(re.compile("jp-mod-active"))
    graph.press("ArrowDown")
    expect(node(page, "report")).to_have_attribute("data-chosen", "true")
    told = page.locator(".steppe-Chosen").get_by_role("status")  # read out as one walks
    expect(told).to_have_text(re.compile(r"^report · hit · reads .*error \(float · \d+ B\)"))
    graph.press("ArrowUp")
    passes = r"reads late \(list · [\d.]+ k?B\), model \(float · \d+ B\) · passes on error \(float · \d+ B\)$"
    expect(told).to_have_text(re.compile(rf"^evaluate · hit · {passes}"))
    narrow(page, 720)
    labels = page.locator(".steppe-Edge-near .react-flow__edge-text")
    expect(labels.filter(has_text=re.compile(r"^late \(list · [\d.]+ k?B\)$"))).to_have_count(1)
    narrow(page)
    expect(labels).to_have_count(0)
    graph.press("ArrowDown")
    graph.press("Space")
    expect(node(page, "load")).to_have_count(0)
    graph.press("Space")
    expect(node(page, "load")).to_have_count(1)
    graph.press("Enter")
    expect(page.locator(".steppe-Step h2")).to_contain_text("report")
    page.get_by_role("tab", name="Step", exact=True).press("ArrowLeft")
    expect(page.get_by_role("tab", name="Graph", exact=True)).to_be_focused()
    cell(page, 2).locator(".jp-InputPrompt").click()
    expect(node(page, "clean")).to_have_attribute("data-chosen", "true")
    search = page.get_by_role("searchbox", name="Find a step")
    search.fill("train")
    expect(node(page, "clean")).to_have_attribute("data-dimmed", "true")
    expect(node(page, "train")).to_have_attribute("data-dimmed", "false")
    search.fill("")
    page.get_by_role("button", name="values", exact=True).click()
    value = page.locator(".steppe-Thing[data-kind=variable]")
    value.get_by_text("half", exact=True).click()
    expect(told).to_have_text(re.compile(r"^variable half · int · \d+ B · made by split · read by train$"))
    for open_it in (lambda: graph.press("Enter"), lambda: value.get_by_text("half", exact=True).dblclick()):
        open_it()
        expect(page.locator(".steppe-artifact:visible h2")).to_have_text("half", timeout=PATIENCE)
        page.locator(".lm-TabBar-tab", has_text="half: int").locator(".lm-TabBar-tabCloseIcon").click()
        expect(value.first).to_be_attached(timeout=PATIENCE)
    page.get_by_role("button", name="values", exact=True).click()


def look_at_a_step(page):
    """Look at why a step was a hit, what it made, wrote and measured, and at its code."""
    node(page, "train").dblclick()
    step = page.locator(".steppe-Step")
    expect(step.get_by_role("button", name="model", exact=True)).to_be_visible()
    step.locator("summary", has_text="Log").click()
    expect(step.locator(".steppe-Log-line").first).to_have_text("epoch 0")
    step.get_by_role("searchbox", name="Search the log").fill("epoch 19")
    expect(step.locator(".steppe-Log-line")).to_have_text(["epoch 19"])
    expect(step.get_by_role("figure", name=re.compile("^loss: 20 measurements"))).to_be_visible()
    step.locator("summary", has_text="Code").click()
    expect(step.locator(".steppe-Code")).to_contain_text("log_metric")
    step.locator("summary", has_text="Environment").click()
    expect(step.get_by_text("Python", exact=True)).to_be_visible()
    accessible(page)
    picture(page, "step")


def look_at_runs(page):
    """Tag a run, write a note, filter by the tag, and compare two runs."""
    page.get_by_role("tab", name="Runs", exact=True).click()
    rows = page.locator(".steppe-Run")
    expect(rows).to_have_count(2)
    rows.first.get_by_role("button").first.click()
    rows.first.get_by_label("Tags").fill("good")
    rows.first.get_by_role("button", name="Keep").click()
    rows.first.get_by_role("textbox", name="Note").fill("all of it came back")
    rows.first.get_by_role("button", name="Add note").click()
    note = rows.first.locator(".steppe-Note")
    expect(note).to_contain_text("all of it came back")
    note.get_by_role("button", name="Change this note").press("Enter")
    field = rows.first.get_by_role("textbox", name="Change this note")
    expect(field).to_be_focused()
    field.fill("all of it came back at once")
    rows.first.get_by_role("button", name="Keep").click()
    expect(note).to_contain_text("all of it came back at once")
    accessible(page)
    picture(page, "runs")
    page.get_by_role("searchbox", name="Tag", exact=True).fill("good")
    expect(rows).to_have_count(1)
    page.get_by_role("searchbox", name="Tag", exact=True).fill("")
    expect(rows).to_have_count(2)
    find = page.get_by_role("searchbox", name="Find runs")
    for text, count in (("OF IT CAME", 1), ("train", 2), ("nowhere", 0), ("", 2)):  # a note, a step's name
        find.fill(text)
        expect(rows).to_have_count(count)
    note.get_by_role("button", name="Remove this note").click()
    expect(note).to_have_count(0)
    rows.first.get_by_label("Tags").fill("")
    rows.first.get_by_role("button", name="Keep").click()
    expect(page.locator(".steppe-Tag")).to_have_count(0)
    for number in range(2):
        rows.nth(number).get_by_role("checkbox").check()
    page.get_by_role("button", name="Compare the two").click()
    compared = page.locator(".steppe-Compare")
    expect(compared).to_be_visible()
    compared.get_by_role("checkbox").check()
    expect(compared.locator("section")).to_have_count(len(NAMES))
    accessible(page)
    picture(page, "compare")
    page.locator(".lm-TabBar-tab", has_text="Compare runs").locator(".lm-TabBar-tabCloseIcon").click()


def look_at_more_runs(page, program):
    """Enter more runs than are told at once: all can be seen, and found by state, owner, time and notebook."""
    with open_catalog(str(program.folder / ".steppe/catalog.db")) as catalog:
        own = catalog.runs.list(RunFilter()).items[0].notebook
        others = [(3, "ann", "succeeded", own)] * 100 + [(40, "ben", "failed", "another.ipynb")]
        for days, owner, status, notebook in others:
            began = time.time() - days * 86400
            made = Run(id=new_id(began, secrets.randbits), notebook=notebook, owner=owner, status=status, started=began)
            catalog.runs.begin(made)
        for number in range(51):
            began = time.time() - 3 * 86400 + number
            train = StepId(notebook=own, name="train")
            old = StepRun(id=new_id(began, secrets.randbits), run=made.id, step=train, cell="c4", started=began)
            catalog.step_runs.record(msgspec.structs.replace(old, state=State.SUCCEEDED, ended=began))
    rows, more = page.locator(".steppe-Run"), page.get_by_role("button", name="More", exact=True)
    page.get_by_role("button", name="Refresh").click()
    expect(rows).to_have_count(100)
    more.press("Enter")
    expect(rows).to_have_count(102)
    expect(more).to_have_count(0)
    state, days, owner = (page.get_by_label(name, exact=True) for name in ("State", "Time", "Owner"))
    state.select_option("failed")
    expect(page.locator(".steppe-Runs-none")).to_have_text("No run fits.")
    page.get_by_role("checkbox", name="all notebooks").check()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("another.ipynb")
    days.select_option("last 30 days")
    expect(rows).to_have_count(0)
    state.select_option("any state")
    expect(rows).to_have_count(100)
    days.select_option("last day")
    expect(rows).to_have_count(2)
    days.select_option("any time")
    owner.fill("ben")
    expect(rows).to_have_count(1)
    owner.fill("")
    expect(more).to_be_visible()
    more.click()
    expect(rows).to_have_count(103)
    page.get_by_role("checkbox", name="all notebooks").uncheck()
    page.get_by_role("tab", name="Step", exact=True).click()
    earlier = page.get_by_label("Resolution").locator("option")
    expect(earlier).to_have_count(50)
    page.get_by_role("button", name="earlier ones, too").press("Enter")
    expect(earlier).to_have_count(53)
    expect(page.get_by_role("button", name="earlier ones, too")).to_have_count(0)


def test_without_steps_the_side_bar_says_how_to_make_one(page, steppe_lab):
    write(steppe_lab, "plain.ipynb", "x = 1")
    open_book(page, steppe_lab, "plain.ipynb")
    show(page)
    expect(page.locator(".steppe-Empty")).to_contain_text("%%step", timeout=PATIENCE)
    accessible(page)
    page.get_by_role("tab", name="Runs", exact=True).click()
    expect(page.locator(".steppe-Runs")).to_contain_text("There is no run yet")
    page.get_by_role("searchbox", name="Find runs").fill("nowhere")
    expect(page.locator(".steppe-Runs")).to_contain_text("No run fits.")
    page.get_by_role("searchbox", name="Find runs").fill("")
    wait_for_layout(page, steppe_lab, '"current": "steppe-sidebar"')
    page.reload()
    expect(page.locator("#steppe-sidebar .steppe-Sidebar")).to_be_visible(timeout=PATIENCE)
