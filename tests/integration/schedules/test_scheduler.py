"""`steppe schedule` and `steppe scheduler`, with real notebooks, a real server for alerts and a real database."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from itertools import pairwise

import psycopg

from tests.integration.schedules.conftest import until

RARELY = ("--cron", "0 6 1 1 *", "--tz", "Europe/Berlin")


def test_due_runs_go_on_over_a_killed_scheduler_and_their_notebooks_are_kept(place):
    place.write("book.ipynb", "day = ''", "%load_ext steppe", "%%step said\ntext = f'for {day}'\nprint(text)")
    shown = place.steppe("schedule", "book.ipynb", "--cron", "*/2 * * * * *", "--tz", "UTC", "-p", "day={scheduled}",
                         "--catch-up", "all", "--jitter", "1s")  # fmt: skip
    assert "book: book.ipynb at '*/2 * * * * *' (UTC)" in shown
    first = place.start()
    place.wait("book", lambda dues: any(due["state"] == "running" for due in dues))
    first.send_signal(signal.SIGKILL)
    first.wait()
    place.start()
    place.wait("book", lambda dues: sum(due["state"] == "succeeded" for due in dues) >= 2)
    place.steppe("schedule", "pause", "book")
    dues = place.wait("book", lambda dues: True)
    done = [due for due in dues if due["state"] == "succeeded"]
    all_dues = place.json("schedule", "show", "book", "--limit", "500")["dues"]
    times = [datetime.fromisoformat(due["due"]) for due in reversed(all_dues)]
    assert {(after - before).seconds for before, after in pairwise(times)} == {2}  # none is missing
    for due in done:
        said = place.notebook(due).cells[-1].outputs[0].text
        assert said == f"for {due['due']}\n"
        assert due["tries"] == 1
    assert {due["run"] for due in done} <= {run["run"] for run in place.json("runs")["runs"]}
    assert place.json("schedule", "show", "book")["jitter"] == 1.0  # which `{scheduled}` knows nothing of
    place.steppe("schedule", "remove", "book")
    assert place.json("schedule", "list") == {"schedules": []}


def test_a_backfill_passes_each_due_time_and_a_second_scheduler_only_waits(place):
    place.write("book.ipynb", "day = ''", "print(day)")
    place.steppe("schedule", "book.ipynb", "--cron", "0 6 * * *", "--tz", "Europe/Berlin", "--name", "daily",
                 "-p", "day={scheduled:%d %B}")  # fmt: skip
    first, second = place.start(), place.start()
    asked = ("schedule", "backfill", "daily", "--from", "2026-05-03", "--to", "2026-05-04")
    assert len(place.json(*asked)["dues"]) == 2
    dues = place.wait("daily", lambda dues: all(due["state"] == "succeeded" for due in dues))
    assert [(due["due"], place.notebook(due).cells[-1].outputs[0].text) for due in dues] == [
        ("2026-05-04T06:00:00+02:00", "04 May\n"),
        ("2026-05-03T06:00:00+02:00", "03 May\n"),
    ]
    assert dues[1]["ended"] <= dues[0]["started"]  # one at a time, though both were due
    assert place.json(*asked)["dues"] == []
    assert len(place.json(*asked[:-1], "2026-05-03", "--again")["dues"]) == 1
    before = dues[1]["run"]
    place.wait("daily", lambda dues: dues[1]["state"] == "succeeded" and dues[1]["run"] != before)
    for child in (first, second):
        child.send_signal(signal.SIGTERM)
        assert child.wait(60) == 0
    assert "the lease is held" in place.log()


def test_failure_and_recovery_are_told_to_a_webhook_and_to_slack(place, hook):
    place.write("book.ipynb", "x = 1", "import os\nassert os.path.exists('good'), 'no good'")
    place.steppe("schedule", "book.ipynb", *RARELY, "--webhook", f"{hook.url}/json", "--slack", f"{hook.url}/slack",
                 "--retries", "1", "--retry-wait", "0s")  # fmt: skip
    place.start()
    place.steppe("schedule", "run", "book")
    until(lambda: len(hook.got) >= 2, lambda: (hook.got, place.log()))
    (path, told), (slack_path, slack) = hook.got[:2]
    assert (path, told["event"], told["schedule"], told["state"], told["tries"]) == (
        "/json",
        "failed",
        "book",
        "failed",
        2,
    )
    assert "AssertionError: no good" in told["error"]
    assert (slack_path, slack) == ("/slack", {"text": told["text"]})
    assert "failed after 2 tries" in told["text"]
    (place.folder / "good").touch()
    place.steppe("schedule", "run", "book")
    until(lambda: len(hook.got) >= 4, lambda: (hook.got, place.log()))
    assert hook.got[2][1]["event"] == "recovered"
    assert "is well again" in hook.got[3][1]["text"]
    place.wait("book", lambda dues: dues[0]["told"] == ["recovered"] and dues[1]["told"] == ["failed"])


def test_a_weekly_schedule_trains_again_when_labels_were_added_and_hits_when_none_were(place, postgres):
    url = postgres.database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE labels (id serial PRIMARY KEY, x float, y float)")
        connection.execute("INSERT INTO labels (x, y) VALUES (1, 2), (2, 4)")
    place.write(
        "train.ipynb",
        "week = ''",
        "%load_ext steppe",
        "import psycopg\n\ndef ask(query):\n"
        f"    with psycopg.connect({url!r}) as connection:\n        return connection.execute(query).fetchall()",
        "%%step load source={ask('SELECT count(*), max(id) FROM labels')}\n"
        "rows = ask('SELECT x, y FROM labels ORDER BY id')",
        "%%step train\nslope = sum(x * y for x, y in rows) / sum(x * x for x, _ in rows)",
        "print(len(rows), slope)",
    )
    place.steppe("schedule", "train.ipynb", "--cron", "0 6 * * 1", "--tz", "UTC", "-p", "week={scheduled:%G-W%V}")
    place.start()

    def week(monday: str):
        """Have the schedule run for a Monday; return the states of its steps and what it printed."""
        place.steppe("schedule", "backfill", "train", "--from", monday, "--to", monday)
        day = datetime.fromisoformat(f"{monday}T06:00").replace(tzinfo=UTC).isoformat()
        (due,) = [d for d in place.wait("train", lambda dues: any(
            d["due"] == day and d["state"] in ("succeeded", "failed") for d in dues)) if d["due"] == day]  # fmt: skip
        assert due["state"] == "succeeded", due
        said = place.json("show", due["run"])
        states = [step["status"] for step in said["steps"]]
        return states, place.notebook(due).cells[-1].outputs[0].text

    assert week("2026-05-04") == (["succeeded", "succeeded"], "2 2.0\n")
    assert week("2026-05-11") == (["hit", "hit"], "2 2.0\n")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO labels (x, y) VALUES (3, 9)")
    states, said = week("2026-05-18")
    assert states == ["succeeded", "succeeded"]
    assert said.startswith("3 2.6")


def test_what_does_not_fit_is_refused_with_what_to_do(place):
    place.write("book.ipynb", "x = 1")
    wrong = {
        ("schedule", "book.ipynb", "--cron", "61 * * * *"): "bad minute. Give five fields",
        ("schedule", "book.ipynb", "--cron", "0 6 * * *", "--tz", "Mars/Olympus"): "no such time zone",
        ("schedule", "nothing.ipynb", "--cron", "0 6 * * *"): "nothing.ipynb",
        ("schedule", "book.ipynb", "--cron", "0 6 * * *", "-p", "day"): "give NAME=VALUE",
        ("schedule", "book.ipynb", "--cron", "0 6 * * *", "--webhook", "ftp://x"): "https://host/path",
        ("schedule", "show", "book"): "there is no schedule book",
    }
    for words, said in wrong.items():
        assert said in place.steppe(*words, code=2)
    place.steppe("schedule", "book.ipynb", *RARELY)
    assert "give another with --name" in place.steppe("schedule", "book.ipynb", *RARELY, code=2)
    place.steppe("schedule", "book.ipynb", "--cron", "0 7 * * *", "--tz", "UTC", "--replace")
    assert place.json("schedule", "show", "book")["cron"] == "0 7 * * *"
    place.steppe("schedule", "pause", "book")
    assert place.json("schedule", "list")["schedules"][0]["paused"]
    place.steppe("schedule", "resume", "book")
    assert not place.json("schedule", "list")["schedules"][0]["paused"]
