"""Events as lines of a log, read again and again from its beginning."""

import json
import math

from steppe.types import Shown
from steppe.worker.events import Event
from steppe.worker.lines import LineReader, line

PRINTED = Event(kind="shown", at=1.5, shown=Shown(kind="stream", name="stdout", text="é\n\u2028"))
MEASURED = Event(kind="metric", data={"value": math.nan})
ENDED = Event(kind="ended", data={"record": b"\x00\xff"})


def test_people_can_read_what_was_printed():
    told = json.loads(line(1, PRINTED))
    assert told["event"]["shown"]["text"] == "é\n\u2028"
    assert line(1, PRINTED).count(b"\n") == 1


def test_every_event_comes_back_as_it_was():
    reader = LineReader()
    data = b"".join(line(number, event) for number, event in enumerate((PRINTED, MEASURED, ENDED), 1))
    printed, measured, ended = reader.add(data)
    assert printed == PRINTED
    assert math.isnan(measured.data["value"])
    assert ended == ENDED


def test_a_log_may_come_in_any_pieces():
    reader = LineReader()
    data = line(1, PRINTED) + line(2, ENDED)
    found = [event for byte in data for event in reader.add(bytes([byte]))]
    assert found == [PRINTED, ENDED]


def test_a_log_that_is_read_again_tells_only_what_is_new():
    reader = LineReader()
    first, second = line(1, PRINTED), line(2, ENDED)
    assert list(reader.add(b"a stray\n" + first + second[:5])) == [PRINTED]
    reader.again()
    assert list(reader.add(b"a stray\n" + first + second)) == [ENDED]
    assert reader.strays == ["a stray"]


def test_what_is_no_event_is_kept_for_explanations():
    reader = LineReader()
    assert list(reader.add(b"/usr/bin/python: No module named steppe\n\n{}\n")) == []
    assert reader.strays == ["/usr/bin/python: No module named steppe", "{}"]
