"""A worker that watches itself: the program as a pod runs it, with nothing but its log to tell of it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from steppe.store import open_store
from steppe.worker.execution import Intent
from steppe.worker.lines import LineReader
from steppe.worker.task import AttemptRecord, Task, record_name


class Pod:
    """The worker program, started as a container would be."""

    def __init__(self, folder):
        self.store_folder = folder / "store"
        self.store = open_store(str(self.store_folder), self.store_folder)
        self.folder = folder
        self.reader = LineReader()
        self.events = []

    def start(self, source, *options):
        task = Task(label="tried", source=source, intent=Intent(binds=frozenset({"x"})), root=str(self.folder))
        blob = self.store.put([msgspec.msgpack.encode(task)])
        command = [sys.executable, "-m", "steppe.worker", blob, "--attempt", "one", "--store", str(self.store_folder)]
        self.process = subprocess.Popen(
            [*command, "--watched", "--folder", str(self.folder), *options], stdout=subprocess.PIPE
        )
        return self

    def until(self, there):
        while not there(self.events):
            data = os.read(self.process.stdout.fileno(), 1 << 16)
            if not data:
                break
            self.events += self.reader.add(data)

    def rest(self):
        self.until(lambda _: False)
        self.process.stdout.close()
        return self.process.wait(30)

    @property
    def text(self):
        return "".join(event.shown.text for event in self.events if event.shown is not None)

    @property
    def end(self):
        (over,) = [event for event in self.events if event.kind == "over"]
        assert self.events[-1] is over
        return over.data

    @property
    def record(self):
        data = self.store.read_record(record_name("one"))
        return msgspec.msgpack.decode(data, type=AttemptRecord) if data is not None else None


@pytest.fixture
def pod(tmp_path):
    made = Pod(tmp_path)
    yield made
    if made.process.poll() is None:
        made.process.kill()
        made.process.wait()


def test_what_it_shows_and_how_it_ends_are_lines(pod):
    assert pod.start("x = 42\nprint('shown')\nimport os\nos.system('echo from below')").rest() == 0
    assert "shown\n" in pod.text
    assert "from below\n" in pod.text
    assert pod.end == {"how": "done", "why": "", "again": False}
    assert pod.record.status == "succeeded"
    assert pod.reader.strays == []


def test_an_error_of_the_code_is_work_done(pod):
    assert pod.start("1 / 0").rest() == 0
    assert pod.end["how"] == "done"
    assert pod.record.failure.kind.endswith("ZeroDivisionError")


def test_a_worker_that_is_killed_is_told_of_with_its_last_reading(pod):
    code = pod.start("import os, time\nprint('on', flush=True)\ntime.sleep(1.2)\nos.kill(os.getpid(), 9)").rest()
    assert code == 137
    assert pod.end["how"] == "killed"
    assert pod.end["again"]
    assert pod.end["why"].startswith("its worker was killed by signal 9 (SIGKILL); last memory reading ")


def test_a_crash_of_native_code_says_so_and_shows_what_was_written_before(pod):
    code = pod.start("import os\nos.write(1, b'last words')\nos.kill(os.getpid(), 11)").rest()
    assert code == 139
    assert "native code crashed" in pod.end["why"]
    assert "last words" in pod.text


def test_a_timeout_counts_in_the_pod(pod):
    began = time.monotonic()
    pod.start("import time\nx = 1\ntime.sleep(600)", "--timeout", "1.5").rest()
    assert pod.end["how"] == "timeout"
    assert "1.5 s" in pod.end["why"]
    assert pod.record.result is not None  # what was bound before comes back
    assert time.monotonic() - began < 30


def test_who_ignores_being_asked_is_made_to_end(pod):
    source = "import signal\nfor n in (signal.SIGINT, signal.SIGTERM): signal.signal(n, signal.SIG_IGN)\nprint('deaf')"
    pod.start(f"{source}\nwhile True: pass")
    pod.until(lambda _: "deaf" in pod.text)
    pod.process.send_signal(signal.SIGTERM)
    assert pod.rest() == 143
    assert pod.end["how"] == "cancelled"


def test_an_end_from_outside_is_an_interrupt_first(pod):
    pod.start("import time\ntry:\n    print('on')\n    time.sleep(600)\nfinally:\n    print('tidied up')")
    pod.until(lambda _: "on" in pod.text)
    pod.process.send_signal(signal.SIGTERM)
    pod.rest()
    assert "tidied up" in pod.text
    assert pod.end["how"] == "cancelled"


def test_what_a_step_leaves_running_ends_with_it(pod):
    source = "import subprocess\np = subprocess.Popen(['sleep', '600'])\nprint(p.pid)\nx = 1"
    pod.start(source).rest()
    left = int(pod.text.split()[0])
    until = time.monotonic() + 10
    while os.path.exists(f"/proc/{left}") and Path(f"/proc/{left}/stat").read_text().split()[2] != "Z":
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_folder_to_begin_in_that_is_not_there_is_named(pod):
    pod.start("x = 1", "--folder", str(pod.folder / "gone"))
    assert pod.rest() == 1
    assert pod.end["how"] == "failed"
    assert str(pod.folder / "gone") in pod.end["why"]


def test_the_project_s_folder_is_made_where_it_is_not_there(pod):
    root = pod.folder / "project"
    pod.start("import os\nx = os.getcwd()\nprint(x)", "--root", str(root), "--folder", str(root / "notebooks")).rest()
    assert f"{root}/notebooks" in pod.text


def test_the_keeper_is_small(pod):
    pod.start("import time\nprint('on')\ntime.sleep(30)")
    pod.until(lambda _: "on" in pod.text)
    status = Path(f"/proc/{pod.process.pid}/status").read_text()
    resident = int(status.partition("VmRSS:")[2].split()[0])
    assert resident < 40_000, f"{resident} kB"
    pod.process.send_signal(signal.SIGTERM)
    pod.rest()


def test_the_worker_loads_no_database_no_cluster_and_no_front_end(pod):
    unwanted = "{'sqlalchemy', 'alembic', 'kubernetes', 'ray', 'ipykernel', 'jupyter_client', 'tornado', 'urllib3'}"
    pod.start(f"import sys\nprint('loaded:', sorted({unwanted} & set(sys.modules)))").rest()
    assert "loaded: []" in pod.text


def test_the_worker_is_quick_to_begin(pod):
    began = time.time()
    pod.start("x = 1").rest()
    (started,) = [event for event in pod.events if event.kind == "started"]
    assert started.at - began < 2.0, "0.2 to 0.4 s where little else runs"


def test_what_watches_the_descriptors_is_no_thread_of_the_step(pod):
    pod.start("x = 1").rest()
    assert pod.record.reasons == ()
