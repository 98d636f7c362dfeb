"""The details of a step in a real JupyterLab: use of the machine, cost, environment, attempts, all earlier code."""

from __future__ import annotations

import re
import subprocess
import time

import pytest
from playwright.sync_api import expect

from tests.ui.notebooks import PATIENCE, cell, menu, open_book, run, write
from tests.ui.test_lab_sidebar import accessible, narrow, node, picture, show

BUSY = """%%step busy on=process memory=1Gi
import steppe, time
block = bytearray(30_000_000)
total = 0
for part in range(80):
    total += sum(n * n for n in range(1_000_000)) * rate
    steppe.log_metric("total", total)
    time.sleep(0.25)
assert total > 0"""
PRICES = "[tool.steppe.prices]\ncpu = 3.6\nmemory = 0.36\ncurrency = 'EUR'\n"


@pytest.fixture
def repository(steppe_lab):
    """The program, whose project is a repository with a file that has changed since its commit."""
    folder = steppe_lab.folder
    (folder / ".git").rmdir()
    (folder / "helpers.py").write_text("limit = 1\n")
    for words in ("init --quiet", "add helpers.py", "-c user.name=me -c user.email=a@b commit --quiet -m begin"):
        subprocess.run(["git", *words.split()], cwd=folder, check=True, capture_output=True)
    (folder / "helpers.py").write_text("limit = 2\npassword = 'nobody-may-see-this'\n")
    (folder / "pyproject.toml").write_text(PRICES)
    return steppe_lab


def section(page, title):
    """Open a section of the details, and return it."""
    found = page.locator(".steppe-Step .steppe-Section", has=page.locator("summary", has_text=re.compile(f"^{title}")))
    if found.get_attribute("open") is None:
        found.locator("summary").first.click()
    return found


@pytest.mark.slow
def test_details_of_a_step_tell_its_use_cost_environment_attempts_and_earlier_code(page, repository):
    write(repository, "busy.ipynb", "rate = 2", BUSY, metadata={0: {"tags": ["parameters"]}})
    open_book(page, repository, "busy.ipynb")
    show(page)
    narrow(page, 420)
    expect(node(page, "busy").locator(".steppe-Node-place")).to_have_text("process", timeout=PATIENCE)
    look_at_a_parameter(page)
    node(page, "busy").dblclick()
    menu(page, "Run", re.compile("^Run All Cells$"))
    expect(page.locator(".steppe-Step-state[data-kind=running]")).to_be_visible(timeout=PATIENCE)
    resources = section(page, "Resources")
    memory = resources.get_by_role("figure", name=re.compile(r"^Memory: \d+ measurements"))
    expect(memory).to_be_visible(timeout=PATIENCE)  # while it runs
    first = logged(page, more_than=0)
    assert logged(page, more_than=first) < 80  # more came while it was looked at, and more is to come
    expect(page.locator(".steppe-Step-state[data-kind=succeeded]")).to_be_visible(timeout=PATIENCE)
    expect(memory).to_contain_text("asked for 1.1 GB")
    expect(resources.get_by_role("figure", name=re.compile(r"^Processors: \d+ measurements"))).to_be_visible()
    expect(resources.locator("tr", has_text="Memory")).to_have_text(re.compile(r"^Memory1\.1 GB\d+(\.\d)? MB$"))
    expect(resources.locator("dd", has_text=re.compile(r"^[\d.]+ EUR$"))).to_be_visible()
    assert logged(page, more_than=79) == 80
    picture(page, "step-resources")
    attempts = section(page, "Attempts")
    expect(attempts.locator("li")).to_contain_text("It ran on process to its end, in ")
    environment = section(page, "Environment")
    expect(environment).to_contain_text(re.compile(r"[0-9a-f]{12}, and files differed"), timeout=PATIENCE)
    expect(environment).to_contain_text("processors")
    environment.locator("summary", has_text="How files differed").click()
    expect(environment.locator(".steppe-Code")).to_contain_text("+limit = 2")
    expect(environment.locator(".steppe-Code")).not_to_contain_text("nobody-may-see-this")
    environment.locator("summary", has_text="All that was installed").click()
    expect(environment.get_by_text("ipykernel", exact=True)).to_be_visible()
    accessible(page)
    picture(page, "step-environment")
    earlier_code(page)
    menu(page, "Kernel", re.compile("^Restart Kernel and Run All Cells"))
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    expect(page.locator(".steppe-Step-state[data-kind=hit]")).to_be_visible(timeout=PATIENCE)
    expect(
        section(page, "Resources").locator("dd", has_text=re.compile(r"^1, which saved .* and [\d.]+ EUR$"))
    ).to_be_visible()


def look_at_a_parameter(page):
    """Have parameters be nodes, and go to the cell of one."""
    page.get_by_role("button", name="parameters", exact=True).click()
    page.locator(".steppe-Thing[data-kind=parameter]", has_text="rate").click()
    told = page.locator(".steppe-Chosen").get_by_role("status")
    expect(told).to_have_text("parameter rate · = 2 · read by busy")
    cell(page, 1).locator(".jp-InputPrompt").click()
    expect(told).to_have_text(re.compile("^busy · not run yet"))
    page.locator(".steppe-Thing[data-kind=parameter]", has_text="rate").click()
    page.locator(".steppe-Graph").press("Enter")
    expect(cell(page, 0)).to_have_class(re.compile("jp-mod-active"))
    page.get_by_role("button", name="parameters", exact=True).click()
    expect(page.locator(".steppe-Thing")).to_have_count(0)


def logged(page, more_than):
    """Wait until a plot shows more numbers than that; return how many."""
    plot = page.get_by_role("figure", name=re.compile(r"^total: \d+ measurements"))
    expect(plot).to_be_visible(timeout=PATIENCE)
    count = "node => Number(/: (\\d+) measurements/.exec(node.getAttribute('aria-label'))[1])"
    last = time.monotonic() + PATIENCE / 1000
    while (shown := plot.evaluate(count)) <= more_than:  # each time of the plot that is there now: it may be another
        assert time.monotonic() < last, f"{shown} measurements, and no more"
        page.wait_for_timeout(20)
    return shown


def earlier_code(page):
    """Change the cell twice, and hold it beside the version before the last by the keyboard."""
    for text in ("\ntwice = 2 * total", "\nthrice = 3 * total"):
        cell(page, 1).locator(".cm-content").click()
        page.keyboard.press("Control+End")
        page.keyboard.type(text)
        run(page, 1)
        expect(page.locator(".steppe-Step-state[data-kind=running]")).to_be_visible(timeout=PATIENCE)
        expect(page.locator(".steppe-Step-state[data-kind=succeeded]")).to_be_visible(timeout=3 * PATIENCE)
    code = section(page, "Code")
    versions = code.get_by_label("Beside")
    expect(versions.locator("option")).to_have_count(3, timeout=PATIENCE)
    added = code.locator("[data-sign='+']")
    expect(added).to_have_text(["+thrice = 3 * total\n"])
    versions.focus()
    versions.press("ArrowDown")
    expect(added).to_have_text(["+twice = 2 * total\n", "+thrice = 3 * total\n"])
    accessible(page)
    picture(page, "step-code")
    versions.select_option("no earlier code")
    expect(added).to_have_count(0)
    expect(code.locator(".steppe-Code")).to_contain_text("thrice = 3 * total")
