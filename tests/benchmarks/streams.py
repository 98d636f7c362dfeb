"""Streams to a consumer that takes 5 ms a batch, from this disk and from S3 with 20 ms latency; and at full speed."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

from notebook import Notebook
from row import Row

import steppe

WORK, LATENCY = 0.005, 0.020
"""Seconds that the consumer takes for a batch, and that the bucket takes for a request."""

MADE = """%%step prepare
import numpy as np
import pandas as pd
array = np.arange({rows} * 256, dtype=np.float32).reshape({rows}, 256)
random = np.random.default_rng(0)
frame = pd.DataFrame({{name: random.random({rows}) for name in "abcdefgh"}} | {{
    "name": pd.Series([f"name {{number % 1000}}" for number in range({rows})], dtype="str"),
    "kind": pd.Categorical.from_codes(random.integers(0, 4, {rows}), list("abcd")),
}})
"""


def rows(folder: str, *, small: bool) -> Iterator[Row]:
    """Measure."""
    count = 20_000 if small else 1 << 20
    notebook = Notebook(folder)
    notebook.run("array = None")
    notebook.step(MADE.format(rows=count), "succeeded")
    notebook.shell.run_cell("array = frame = None")
    yield from _stalls(count, "this disk", 30 if small else 1000)
    yield from _at_full_speed(folder, count)
    yield _peak(count)
    with _bucket(folder) as options:
        os.environ.update(options)
        try:
            other = Notebook(f"{folder}/remote")
            other.step(MADE.format(rows=count // 8), "succeeded")
            yield from _stalls(
                count // 8, "S3 and 20 ms a request", 30 if small else 400, remote=f"{folder}/remote/.steppe/store"
            )
        finally:
            for name in options:
                del os.environ[name]
    os.chdir(folder)


def _stalls(count: int, where: str, batches: int, remote: str = "") -> Iterator[Row]:
    """Measure the part of a consumer's time that it waits, from its first batch on."""
    size = max(1, count // batches)
    for name, options in (
        ("array", {}),
        ("array, shuffled", {"shuffle": 1}),
        ("frame", {}),
        ("frame, shuffled", {"shuffle": 1}),
    ):
        stalls = [_stall(name.split()[0].strip(","), min(size, 256), batches, remote, **options) for _ in range(3)]
        stall = statistics.median(each[0] for each in stalls) * 100
        first = statistics.median(each[1] for each in stalls) * 1000
        yield Row(f"stall at 5 ms a batch, {where}: {name}", stall, "%", target="<= 2 %", met=stall <= 2)
        yield Row("  its first batch", first)


def _stall(name: str, size: int, batches: int, remote: str, **options: int) -> tuple[float, float]:
    """Return the stall of one loop, and the seconds until its first batch."""
    if remote:
        shutil.rmtree(remote, ignore_errors=True)
    began, first = time.perf_counter(), 0.0
    with steppe.stream(f"prepare.{name}", size, epochs=None, **options) as stream:
        for number, _ in enumerate(stream):
            first = first or time.perf_counter() - began
            time.sleep(WORK)
            if number == batches:
                break
        return stream.stall, first


def _at_full_speed(folder: str, count: int) -> Iterator[Row]:
    """Measure how fast batches come to a consumer that does nothing, beside a plain read of as many bytes."""
    path = max(Path(folder, ".steppe/store/blobs").glob("*/*"), key=lambda blob: blob.stat().st_size)
    piece = memoryview(bytearray(4 << 20))
    for shuffled in (False, True):
        streamed, read = [], []
        for _ in range(3):
            began = time.perf_counter()
            with open(path, "rb", buffering=0) as file:
                while file.readinto(piece):
                    pass
            read.append(time.perf_counter() - began)
            began = time.perf_counter()
            with steppe.stream("prepare.array", 256, shuffle=shuffled) as stream:
                for _ in stream:
                    pass
            streamed.append(time.perf_counter() - began)
        name = f"a stream of a {count >> 10:g} MiB array as fast as it goes{', shuffled' if shuffled else ''}"
        yield Row(name, statistics.median(streamed), "s", "a plain read of its file", statistics.median(read))


def _peak(count: int) -> Row:
    """Measure how much memory a stream takes of what it streams."""
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # forget the peak so far
    before = _memory("VmRSS")
    with steppe.stream("prepare.array", 256, shuffle=True) as stream:
        for _ in stream:
            pass
    peak = (_memory("VmHWM") - before) / (count << 10)
    return Row("  peak memory over the array's size, shuffled", peak, "x", "the array", 1.0, "<= 0.3 x", peak <= 0.3)


def _memory(what: str) -> int:
    with open("/proc/self/status") as file:
        line = next(line for line in file if line.startswith(what))
    return int(line.split()[1]) * 1024


@contextlib.contextmanager
def _bucket(folder: str) -> Iterator[dict[str, str]]:
    """Run an S3 server behind a proxy that takes its time; yield the variables that make it the store."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "integration/store"))
    from flaky_proxy import FlakyProxy

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with open(f"{folder}/moto.log", "wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as server:
        try:
            _made(port)
            proxy = FlakyProxy(port)
            proxy.fault = lambda method, path, number: time.sleep(LATENCY)
            yield {
                "STEPPE_STORE": "s3://bench/store",
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{proxy.port}",
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_REGION": "us-east-1",
            }
            proxy.close()
        finally:
            server.kill()


def _made(port: int) -> None:
    """Wait for the server, and make the bucket."""
    until = time.monotonic() + 60
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("PUT", "/bench")
            assert connection.getresponse().status == 200
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        finally:
            connection.close()
