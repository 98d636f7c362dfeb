"""What a step in a pod costs, on the cluster that KUBECONFIG names: what tests/cluster needs is needed here, too.

python -m tests.benchmarks.cluster            ten rounds of each row
python -m tests.benchmarks.cluster --many 200 the steps that are followed at once
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import tempfile
import threading
import time
from pathlib import Path

from steppe.executors.kubernetes import KubernetesExecutor
from steppe.executors.kubernetes.flight import KubernetesFlight
from steppe.testing.executor import Place, follow, texts
from tests.cluster.real import Real

WORDS = {"containers": [{"name": "step", "command": ["sh", "-c", "echo here"], "args": []}]}
"""A pod that says one word: its own start, and the way of a word out of it."""

SINCE_START = """
import os, time
ticks = int(open('/proc/1/stat').read().rpartition(')')[2].split()[19])
print(time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf('SC_CLK_TCK'))
"""


def main() -> None:
    """Measure, and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=10)
    options.add_argument("--many", type=int, default=0)
    asked = options.parse_args()
    shared = Path(tempfile.mkdtemp(dir=os.environ["STEPPE_CLUSTER_FOLDER"]))
    cluster = Real(os.environ["STEPPE_CLUSTER_IMAGE"], os.getuid(), os.getgid(), shared)
    os.environ["KUBECONFIG"] = str(cluster.kubeconfig)
    try:
        if asked.many:
            many(cluster, shared, asked.many)
        else:
            alone(cluster, shared, asked.rounds)
    finally:
        cluster.close()


def alone(cluster: Real, shared: Path, rounds: int) -> None:
    """Print what one step costs by itself, in turn with a pod that only says a word."""
    place = Place(KubernetesExecutor(cluster.pod(shared)), shared / "store")
    words = Place(KubernetesExecutor(cluster.pod(shared) | {"pod_template": WORDS}), shared / "store")
    took: dict[str, list[float]] = {"the pod's own start": [], "no-op step": [], "end noticed": [], "to user code": []}
    for _ in range(rounds):
        began = time.monotonic()
        spoken(words.launch("x = 1"))
        took["the pod's own start"].append(time.monotonic() - began)
        began = time.monotonic()
        end, events = follow(place.launch("x = 1"))
        took["no-op step"].append(time.monotonic() - began)
        assert end.how == "done", end
        took["end noticed"].append(time.time() - next(event.at for event in events if event.kind == "done"))
        took["to user code"].append(float(texts(follow(place.launch(SINCE_START))[1])))
    for name, found in took.items():
        print(f"{name:22}{statistics.median(found) * 1e3:8.0f} ms  ({min(found) * 1e3:.0f} to {max(found) * 1e3:.0f})")
    over = statistics.median(
        one - other for one, other in zip(took["no-op step"], took["the pod's own start"], strict=True)
    )
    print(f"{'no-op over the start':22}{over * 1e3:8.0f} ms")


def spoken(flight: KubernetesFlight) -> None:
    """Follow until its pod has said its word."""
    while not ((log := flight._members[0].log) is not None and log.reader.strays):
        flight.follow(lambda _: None, timeout=0.005)
    flight.cancel()


def many(cluster: Real, shared: Path, count: int) -> None:
    """Print what it costs the driver to follow many steps at once."""
    executor = KubernetesExecutor(cluster.pod(shared))
    place = Place(executor, shared / "store")
    follow(place.launch("x = 1"))  # the client is imported
    client = executor.cluster({})
    asked, spent, began = client.asked, time.process_time(), time.monotonic()
    ends: list[str] = []
    flights = [place.launch("x = 1") for _ in range(count)]
    threads = [
        threading.Thread(target=lambda one=each: ends.append(one.follow(lambda _: None, timeout=500).how))
        for each in flights
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took, spent = time.monotonic() - began, time.process_time() - spent
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    print(
        f"{count} steps: {ends.count('done')} done in {took:.1f} s; the driver: {spent:.1f} s of a core, {size:.0f} MiB"
    )
    print(f"{(client.asked - asked) / count:.2f} requests a step")


if __name__ == "__main__":
    main()
