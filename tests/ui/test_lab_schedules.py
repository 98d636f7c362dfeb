"""Schedules in a real JupyterLab: made in the dialog, run by the scheduler that the server starts, looked at, changed.

`STEPPE_SCREENSHOTS=FOLDER` keeps pictures of it for the docs.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from steppe.catalog import open_catalog
from tests.ui.notebooks import PATIENCE, menu, open_book, write
from tests.ui.test_lab_sidebar import accessible, darken, picture, show

pytestmark = pytest.mark.slow
CELLS = (
    "day = 'none'",
    "%load_ext steppe",
    "%%step say\nsaid = f'for {day}'\nprint(said)",
)
PARAMETERS = {0: {"tags": ["parameters"]}}


@pytest.fixture
def book(page, steppe_lab):
    """A page with a notebook that has a parameter, its side bar open; what it has scheduled is removed after."""
    write(steppe_lab, "weekly.ipynb", *CELLS, metadata=PARAMETERS)
    open_book(page, steppe_lab, "weekly.ipynb")
    show(page)
    yield page
    with open_catalog(str(steppe_lab.folder / ".steppe/catalog.db")) as catalog:
        for schedule in catalog.schedules.all(str(steppe_lab.folder)):
            catalog.schedules.remove(schedule.id)


def dialog(page):
    return page.locator(".steppe-Schedule-dialog")


def entry(page, name):
    link = page.get_by_role("button", name=name, exact=True)
    return page.locator(".steppe-Schedules-entry", has=link)


def made(page, name, cron):
    """Have the dialog make a schedule, by keyboard."""
    page.get_by_role("tab", name="Schedules", exact=True).click()
    page.get_by_role("button", name="Schedule this notebook…").click()
    expect(dialog(page).get_by_label("When")).to_be_focused(timeout=PATIENCE)
    dialog(page).get_by_label("Name", exact=True).fill(name)
    dialog(page).get_by_label("When").fill(cron)
    expect(dialog(page).locator(".steppe-Schedule-next li")).to_have_count(3, timeout=PATIENCE)
    page.keyboard.press("Enter")
    expect(dialog(page)).to_have_count(0, timeout=PATIENCE)
    expect(entry(page, name)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("tab", name="Schedules", exact=True)).to_be_focused(timeout=PATIENCE)
    page.keyboard.press("Shift")  # until one does something, the side bar keeps the keyboard


def test_a_schedule_is_made_runs_and_its_notebook_is_opened(book, steppe_lab):
    page = book
    page.get_by_role("tab", name="Schedules", exact=True).click()
    expect(page.locator("#steppe-sidebar")).to_contain_text("No notebook of this project is scheduled")
    menu(page, "Steppe", "Schedule with Steppe…")
    form = dialog(page)
    line = form.get_by_label("When")
    expect(line).to_be_focused(timeout=PATIENCE)
    for text, said in (("61 * * * *", "bad minute"), ("soon", "five fields")):  # told in place, as one types
        line.fill(text)
        expect(form.locator("#steppe-schedule-cron-about")).to_contain_text(said, timeout=PATIENCE)
    page.keyboard.press("Enter")  # and not taken
    expect(line).to_be_focused()
    line.fill("30 6 29 6 *")
    form.get_by_label("Time zone").fill("Mars/Olympus")
    expect(form.get_by_role("alert")).to_contain_text("no such time zone", timeout=PATIENCE)
    form.get_by_label("Time zone").fill("Asia/Tokyo")
    coming = form.locator(".steppe-Schedule-next li")
    expect(coming).to_have_text([re.compile("Jun.*06:30$")] * 3, timeout=PATIENCE)
    expect(form.get_by_role("alert")).to_have_count(0)
    form.get_by_label("day", exact=True).fill("{scheduled:%A}")
    form.get_by_label("Missed times").select_option("all")
    form.get_by_label("Retries").fill("many")
    expect(form.get_by_role("alert")).to_contain_text("whole number")
    form.get_by_label("Retries").fill("2")
    picture(page, "schedule-dialog")
    accessible(page, ".jp-Dialog-content")
    form.get_by_role("button", name="Schedule", exact=True).click()
    expect(form).to_have_count(0, timeout=PATIENCE)

    ours = entry(page, "weekly")
    expect(ours).to_contain_text("30 6 29 6 * · Asia/Tokyo", timeout=PATIENCE)
    expect(ours).to_contain_text("not run yet")
    expect(page.get_by_text("No scheduler runs")).to_have_count(0)
    ours.get_by_role("button", name="Run now").click()
    expect(ours.locator(".steppe-Run-state").first).to_have_text("succeeded", timeout=3 * PATIENCE)
    ours.get_by_role("button", name="weekly", exact=True).click()
    past = ours.get_by_role("list", name="Past times of weekly").get_by_role("listitem")
    expect(past).to_have_count(1, timeout=PATIENCE)
    picture(page, "schedules")
    accessible(page)
    past.get_by_role("button").click()
    output = page.locator(".jp-Notebook:visible .jp-OutputArea-output", has_text=re.compile("for .*day"))
    expect(output).to_be_visible(timeout=PATIENCE)


def test_a_schedule_is_paused_changed_caught_up_and_deleted_by_keyboard(book, steppe_lab):
    page = book
    made(page, "daily", "0 6 4 5 *")
    ours = entry(page, "daily")
    ours.get_by_role("button", name="Pause").press("Enter")
    expect(ours.locator(".steppe-Run-state").first).to_have_text("paused", timeout=PATIENCE)
    ours.get_by_role("button", name="Resume").press("Enter")
    expect(ours).to_contain_text("next: ", timeout=PATIENCE)

    page.get_by_role("button", name="Schedule this notebook…").press("Enter")  # a name that is taken: it stays open
    expect(dialog(page).get_by_label("When")).to_be_focused(timeout=PATIENCE)
    dialog(page).get_by_label("Name", exact=True).fill("daily")
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_role("alert")).to_contain_text("give this one another name", timeout=PATIENCE)
    page.keyboard.press("Escape")
    expect(dialog(page)).to_have_count(0)

    ours.get_by_role("button", name="Edit…").press("Enter")
    line = dialog(page).get_by_label("When")
    expect(line).to_be_focused(timeout=PATIENCE)
    expect(line).to_have_value("0 6 4 5 *")
    line.fill("0 7 4 5 *")
    dialog(page).get_by_label("Tell (webhook)").fill("http://127.0.0.1:9/secret")
    page.keyboard.press("Enter")
    expect(dialog(page)).to_have_count(0, timeout=PATIENCE)
    expect(ours).to_contain_text("0 7 4 5 *", timeout=PATIENCE)
    ours.get_by_role("button", name="Edit…").press("Enter")
    keep = dialog(page).get_by_label("Keep the address that is told")
    expect(keep).to_be_checked(timeout=PATIENCE)
    expect(dialog(page)).not_to_contain_text("secret")
    page.keyboard.press("Escape")
    expect(dialog(page)).to_have_count(0)

    ours.get_by_role("button", name="daily", exact=True).press("Enter")
    expect(ours).to_contain_text("It has not been due yet.", timeout=PATIENCE)
    ours.get_by_label("Run the times from").fill("2026-05-04")
    ours.get_by_label("to", exact=True).fill("2026-05-03")
    ours.get_by_role("button", name="Run them").press("Enter")
    expect(ours.get_by_role("alert")).to_contain_text("before it begins", timeout=PATIENCE)
    ours.get_by_label("to", exact=True).fill("2026-05-04")
    ours.get_by_role("button", name="Run them").press("Enter")
    past = ours.get_by_role("list", name="Past times of daily").get_by_role("listitem")
    expect(past).to_contain_text("May 4, 2026, 07:00", timeout=PATIENCE)
    expect(past).to_contain_text("succeeded", timeout=3 * PATIENCE)
    picture(page, "schedules-past")

    darken(page, steppe_lab)
    show(page)
    expect(ours).to_be_visible(timeout=PATIENCE)
    accessible(page)
    ours.get_by_role("button", name="Edit…").click()  # a notebook that is opened again takes the focus when it likes
    expect(dialog(page).get_by_label("When")).to_be_focused(timeout=PATIENCE)
    picture(page, "schedule-dialog-dark")
    accessible(page, ".jp-Dialog-content")
    page.keyboard.press("Escape")
    expect(dialog(page)).to_have_count(0)
    ours.get_by_role("button", name="Delete…").press("Enter")
    expect(page.locator(".jp-Dialog")).to_contain_text("Delete the schedule daily?", timeout=PATIENCE)
    page.keyboard.press("Escape")
    expect(page.locator(".jp-Dialog")).to_have_count(0)
    ours.get_by_role("button", name="Delete…").press("Enter")
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(ours).to_have_count(0, timeout=PATIENCE)
    expect(page.locator("#steppe-sidebar")).to_contain_text("No notebook of this project is scheduled")
