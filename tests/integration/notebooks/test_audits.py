"""`steppe verify --sample`: what was hit lately is executed again, once a day, and what came of it is kept."""

from __future__ import annotations

import pytest

from steppe.ids import new_id
from steppe.lineage.sampled import is_chosen, share_of


def test_a_sample_follows_from_the_ids_and_the_day_and_has_the_share_that_was_asked_for():
    ids = [new_id(float(number), lambda _: 7) for number in range(20_000)]
    first = {id_ for id_ in ids if is_chosen(id_, "2026-11-29", share_of("1%"))}
    assert 140 < len(first) < 260, "200, by chance"
    assert first == {id_ for id_ in ids if is_chosen(id_, "2026-11-29", 0.01)}
    assert first < {id_ for id_ in ids if is_chosen(id_, "2026-11-29", 0.05)}
    assert first != {id_ for id_ in ids if is_chosen(id_, "2026-11-30", 0.01)}
    assert all(is_chosen(id_, "2026-11-29", 1.0) for id_ in ids[:100])
    assert not any(is_chosen(id_, "2026-11-29", 0.0) for id_ in ids)


def test_what_was_hit_is_audited_once_a_day_and_a_difference_is_told(room):
    room.write(
        {
            "a": "%%step steady\nx = 1 + 1",
            "b": "%%step shaky seed=none\nimport random\ny = random.Random().random()",
            "c": "%%step idle\nz = 3",
        }
    )
    room.json("run", "book.ipynb")
    assert room.json("verify", "--sample", "100%") | {"day": ""} == {"day": "", "hit": 0, "sample": 0, "steps": []}
    assert room.json("verify", "--list") == {"audits": []}
    run = room.json("run", "book.ipynb", "--refresh", "idle")
    states = {step["name"]: step["status"] for step in run["steps"]}
    hit = sorted(name for name, state in states.items() if state == "hit")
    assert hit == ["shaky", "steady"], states

    assert room.steppe("verify", "--sample", "0%")[0] == 0
    code, out, err = room.steppe("verify", "--sample", "100%")
    assert code == 1, (out, err)
    assert "has 2 of the 2 executions that were hit in the last day" in out
    assert "✗ shaky  differs: y" in out
    assert "✓ steady  same" in out
    audits = room.json("verify", "--list")["audits"]
    assert {(audit["step"], audit["status"]) for audit in audits} == {("steady", "same"), ("shaky", "differs")}
    assert all(audit["day"] and audit["run"] for audit in audits)

    again = room.json("verify", "--sample", "100%")
    assert {step["step"]: step["status"] for step in again["steps"]} == {"steady": "same", "shaky": "differs"}
    if again["day"] == audits[0]["day"]:  # but where midnight lies between
        assert room.json("verify", "--list")["audits"] == audits, "none was executed twice"


@pytest.mark.parametrize("share", ["1", "many", "101%", "-1%", "%"])
def test_a_share_that_is_none_is_refused(room, share):
    code, out, err = room.steppe("verify", f"--sample={share}")
    assert (code, out) == (2, "")
    assert f"--sample {share}: give a percentage" in err


def test_one_thing_is_asked_for(room):
    for words in ((), ("36211d9g2v", "--list"), ("--sample", "1%", "--list")):
        code, _, err = room.steppe("verify", *words)
        assert code == 2
        assert "give a run or a step run, or one of" in err
