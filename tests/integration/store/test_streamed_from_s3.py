"""Streams out of a bucket: read in pieces while they come, verified, brought once to a machine, nothing left behind."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import obstore
import pytest
from obstore.store import from_url

import steppe.streaming.batches as sizes
from steppe.errors import CorruptArtifact, MissingArtifact, StoreUnavailable
from steppe.store import ObjectStore, bringing, open_store
from steppe.store.bringing import PIECE
from steppe.store.keys import blob_key
from steppe.streaming.batches import ordered
from steppe.streaming.opened import _of_part
from steppe.streaming.stream import Stream
from steppe.types import Part
from steppe.values import numpy_arrays

ARRAY = np.arange(5_000_000, dtype=np.int32).reshape(-1, 10)
"""20 MB: ten pieces."""

VARIABLES = {"access_key_id": "AWS_ACCESS_KEY_ID", "secret_access_key": "AWS_SECRET_ACCESS_KEY", "region": "AWS_REGION"}


@pytest.fixture
def there(s3, bucket):
    """The store in the bucket, past the proxy."""
    return ObjectStore.at(f"s3://{bucket}", s3.options)


@pytest.fixture
def part(there):
    return kept(there, ARRAY)


@pytest.fixture
def store(s3, proxy, bucket, tmp_path):
    options = {**s3.options, "endpoint": f"http://127.0.0.1:{proxy.port}"}
    return open_store(f"s3://{bucket}", tmp_path / "tier", options=options)


@pytest.fixture
def in_turn(monkeypatch):
    """Have one piece brought after the other."""
    monkeypatch.setattr(bringing, "_AT_ONCE", 1)
    monkeypatch.setattr(bringing, "_AHEAD", 1)


@pytest.fixture(autouse=True)
def _nothing_is_left(tmp_path):
    yield
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("steppe-stream")]
    assert list((tmp_path / "tier").glob("*/tmp/*")) == []


def kept(store, array):
    head, data = numpy_arrays.file_of(array)
    return Part(names=("array",), format="npy", blob=store.put([head, data]), size=len(head) + len(data))


def stream_of(part, store, batch_size=5000, seed=None, form="numpy", prefetch=8 << 20):
    rows = _of_part(part, store)
    order = ordered(rows, batch_size, (0, 1), seed, drop_last=False)
    return Stream(rows, order, name="array", version="v", form=form, prefetch=float(prefetch), epochs=1)


def gets(proxy):
    return sum(method == "GET" for method, _ in proxy.requests)


@pytest.mark.parametrize("seed", [None, 3])
def test_it_is_read_while_it_comes_and_kept_here(store, proxy, part, seed):
    with stream_of(part, store, seed=seed) as stream:
        found = np.concatenate(list(stream))
    assert (found if seed is None else found[np.argsort(found[:, 0])]).tolist() == ARRAY.tolist()
    assert store.local.has(part.blob)
    store.local.verify(part.blob)
    assert gets(proxy) <= -(-part.size // PIECE) + 1
    proxy.requests.clear()
    with stream_of(part, store, seed=seed) as stream:
        assert np.array_equal(np.concatenate(list(stream)), found)
    assert proxy.requests == []


def test_the_first_batch_is_there_before_the_last_byte(store, proxy, part, in_turn):
    go_on = threading.Event()
    proxy.fault = lambda method, path, number: (gets(proxy) > 3 and go_on.wait(30), None)[1]
    with stream_of(part, store) as stream:
        assert np.array_equal(next(stream), ARRAY[:5000])
        assert not store.local.has(part.blob)
        go_on.set()
        list(stream)
    assert store.local.has(part.blob)


def test_a_stream_that_is_closed_early_brings_no_more(store, proxy, part, in_turn):
    seen = threading.Event()
    proxy.fault = lambda method, path, number: (gets(proxy) > 3 and seen.wait(30), None)[1]
    with stream_of(part, store) as stream:
        next(stream)
        threading.Timer(0.3, seen.set).start()
    asked = gets(proxy)
    assert asked < 10
    assert not store.local.has(part.blob)
    with stream_of(part, store) as stream:
        assert np.array_equal(np.concatenate(list(stream)), ARRAY)


def test_what_is_damaged_in_the_bucket_is_told_before_the_last_batch(s3, there, store, bucket, part):
    plain = from_url(f"s3://{bucket}", config=s3.options, client_options={"allow_http": True})
    data = bytearray(bytes(obstore.get(plain, blob_key(part.blob)).bytes()))
    data[-3] ^= 1
    obstore.put(plain, blob_key(part.blob), bytes(data))
    found = []
    with pytest.raises(CorruptArtifact, match="set aside"), stream_of(part, store) as stream:
        found.extend(stream)
    assert len(found) == len(ARRAY) // 5000 - 1
    assert not store.local.has(part.blob)
    with pytest.raises(MissingArtifact):
        stream_of(part, store)


def test_bytes_that_change_on_their_way_are_told_of(store, proxy, part):
    turned = []

    def fault(method, path, number):
        if method == "GET" and not turned:
            turned.append(number)
            return "flip"
        return None

    proxy.fault = fault
    with pytest.raises(StoreUnavailable, match=r"arrived from .* with other bytes"), stream_of(part, store) as stream:
        list(stream)
    assert not store.local.has(part.blob)
    with stream_of(part, store) as stream:
        assert np.array_equal(np.concatenate(list(stream)), ARRAY)


@pytest.mark.parametrize("fault", ["refuse", "drop", "cut answer"])
def test_what_passes_is_waited_for(store, proxy, part, fault):
    left = [3]

    def first(method, path, number):
        if method == "GET" and left[0]:
            left[0] -= 1
            return fault
        return None

    proxy.fault = first
    with stream_of(part, store) as stream:
        assert np.array_equal(np.concatenate(list(stream)), ARRAY)


def test_what_is_refused_is_told_and_leaves_nothing(store, proxy, part):
    proxy.fault = lambda method, path, number: 403 if method == "GET" else None
    with pytest.raises(StoreUnavailable, match="does not let you in"):
        stream_of(part, store)


LOOKS_ON = """
import os, sys
import numpy as np
sys.path[:0] = {paths!r}
from steppe.store import open_store
from pathlib import Path
from test_streamed_from_s3 import stream_of
from steppe.types import Part
store = open_store({url!r}, Path({tier!r}))
with stream_of(Part(names=("array",), format="npy", blob={blob!r}, size={size}), store) as stream:
    print("begun", flush=True)
    rows = 0
    for batch in stream:
        rows += len(batch)
        if {first!r} and rows == 5000:
            print("first", flush=True)
            sys.stdin.readline()
print(rows, flush=True)
"""


@pytest.fixture
def other(s3, proxy, bucket, tmp_path, part):
    """Start another process of this machine that streams the same."""
    started = []

    def start(first=False):
        environ = {**os.environ, **{name: s3.options[option] for option, name in VARIABLES.items()}}
        environ["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{proxy.port}"
        told = {"url": f"s3://{bucket}", "tier": str(tmp_path / "machine"), "blob": part.blob, "size": part.size}
        code = LOOKS_ON.format(paths=sys.path, first=first, **told)
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(code)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environ,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_processes_of_a_machine_bring_it_once(proxy, part, other):
    slow = threading.Event()
    proxy.fault = lambda method, path, number: (slow.wait(0.2), None)[1]
    several = [other() for _ in range(3)]
    assert [process.communicate(timeout=100)[0].split()[-1] for process in several] == [str(len(ARRAY))] * 3
    assert gets(proxy) <= -(-part.size // PIECE) + 1


def test_another_goes_on_where_the_one_that_brings_it_is_killed(proxy, part, other, tmp_path):
    hold = threading.Event()
    proxy.fault = lambda method, path, number: (hold.wait(60) if number > 6 else None, None)[1]
    first = other(first=True)
    assert [first.stdout.readline(), first.stdout.readline()] == ["begun\n", "first\n"]
    second = other()
    assert second.stdout.readline() == "begun\n"
    first.send_signal(signal.SIGKILL)
    first.wait()
    hold.set()
    assert second.communicate(timeout=100)[0].split() == [str(len(ARRAY))]
    assert second.returncode == 0


@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_workers_of_torch_read_what_their_parent_brings(s3, store, proxy, part, monkeypatch, context):
    torch = pytest.importorskip("torch")
    for option, name in VARIABLES.items():
        monkeypatch.setenv(name, s3.options[option])
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{proxy.port}")
    if not hasattr(sys.modules["__main__"], "__spec__"):  # of a shell that another test has reset
        monkeypatch.setattr(sys.modules["__main__"], "__spec__", None, raising=False)
    stream = stream_of(part, store, form="torch")
    loader = stream.torch().loader(num_workers=2, multiprocessing_context=context)
    assert torch.equal(torch.cat(list(loader)), torch.from_numpy(ARRAY))
    assert gets(proxy) <= -(-part.size // PIECE) + 1
    del loader
    stream.close()


def test_latency_is_hidden_once_it_runs(store, proxy, part, monkeypatch):
    monkeypatch.setattr(sizes, "READ", 1 << 20)
    proxy.fault = lambda method, path, number: time.sleep(0.02)
    with stream_of(part, store, batch_size=2500, prefetch=32 << 20) as stream:
        for _ in stream:
            time.sleep(0.005)
    assert stream.stall < 0.5, "waiting for each request by itself would be more; the benchmark measures what it is"
