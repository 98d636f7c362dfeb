"""Code that asks for something new each time."""

from __future__ import annotations

import ast

import pytest

from steppe.analysis.clock import reads_clock

READS = [
    ("time.time()", "time.time"),
    ("t = time.time_ns()", "time.time_ns"),
    ("time.perf_counter()", "time.perf_counter"),
    ("perf_counter()", "perf_counter"),
    ("time.monotonic()", "time.monotonic"),
    ("datetime.now()", "datetime.now"),
    ("datetime.datetime.now(tz)", "datetime.datetime.now"),
    ("dt.datetime.utcnow()", "dt.datetime.utcnow"),
    ("datetime.today()", "datetime.today"),
    ("date.today()", "date.today"),
    ("datetime.date.today()", "datetime.date.today"),
    ("pd.Timestamp.now()", "pd.Timestamp.now"),
    ("pd.Timestamp.today()", "pd.Timestamp.today"),
    ("pd.Timestamp('now')", 'pd.Timestamp("now")'),
    ("pd.to_datetime('today')", 'pd.to_datetime("today")'),
    ("np.datetime64('now')", 'np.datetime64("now")'),
    ("uuid.uuid4()", "uuid.uuid4"),
    ("uuid4().hex", "uuid4"),
    ("uuid.uuid1()", "uuid.uuid1"),
    ("secrets.token_hex(8)", "secrets.token_hex"),
    ("secrets.choice(x)", "secrets.choice"),
    ("os.urandom(8)", "os.urandom"),
    ("random.SystemRandom()", "random.SystemRandom"),
    ("input()", "input()"),
    ("x = input('name')", "input()"),
    ("getpass.getpass()", "getpass.getpass"),
    ("time()", "time()"),
    ("time.localtime()", "time.localtime"),
    ("time.strftime('%Y')", "time.strftime"),
    ("field(default_factory=datetime.now)", "datetime.now"),
    ("def f():\n    return time.time()", "time.time"),
    ("x = 1\ny = uuid.uuid4(); z = time.time()", "uuid.uuid4"),
]


@pytest.mark.parametrize(("source", "what"), READS, ids=[source for source, _ in READS])
def test_what_is_new_each_time_is_named(source, what):
    assert reads_clock(ast.parse(source)) == what


@pytest.mark.parametrize(
    "source",
    [
        "x = 1",
        "time.sleep(1)",
        "datetime(2020, 1, 1)",
        "datetime.strptime(a, b)",
        "pd.Timestamp('2020-01-01')",
        "pd.to_datetime(df.x)",
        "np.datetime64('2020')",
        "time.localtime(0)",
        "time.strftime('%Y', t)",
        "time.ctime(x)",
        "uuid.uuid5(a, b)",
        "uuid.UUID(x)",
        "input = 3",
        "model(input)",
        "time = 3\nprint(time)",
        "df.today",
        "obj.now()",
        "random.random()",
        "time.time = fake",
    ],
)
def test_what_is_the_same_each_time_is_not(source):
    assert reads_clock(ast.parse(source)) == ""


def test_names_are_followed_to_the_module_they_come_from():
    assert reads_clock(ast.parse("now()"), {"now": "pandas.Timestamp.now"}.get) == "now"
    assert reads_clock(ast.parse("t.time()"), {"t": "time"}.get) == "t.time"
    assert reads_clock(ast.parse("time()"), {"time": "time.time"}.get) == "time"
    assert reads_clock(ast.parse("clock()"), {"clock": "time.perf_counter"}.get) == "clock"
    assert reads_clock(ast.parse("choose(x)"), {"choose": "secrets.choice"}.get) == "choose"
