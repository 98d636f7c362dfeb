"""What befalls Jobs in a cluster, and what is said of it: each on a cluster of this machine's own."""

import threading
import time

import pytest

from steppe.errors import UsageError
from steppe.executors.kubernetes import KubernetesExecutor
from steppe.executors.kubernetes import watch as watching
from steppe.testing.executor import Place, follow, texts, until
from steppe.types import Resources

SLOW = "import time\nprint('on', flush=True)\ntime.sleep(600)"
COUNTS = """
import time
print('on', flush=True)
for i in range({number}):
    time.sleep({pause})
    print(i, flush=True)
x = 1
"""


@pytest.fixture
def place(executor, tmp_path):
    return Place(executor, tmp_path / "store-of-tasks")


def wait_for(there, seconds=30):
    last = time.monotonic() + seconds
    while not (found := there()):
        assert time.monotonic() < last, "it has not come"
        time.sleep(0.01)
    return found


def begun(flight):
    return until(flight, lambda events: "on" in texts(events))


def started(place, **asked):
    flight = place.launch(SLOW, **asked)
    begun(flight)
    return flight


def test_nothing_of_ours_is_there_to_lean_on(place, fake):
    source = (
        "import os, socket, sys, time\n"
        "print(socket.gethostname(), os.getpid(), time.tzname[0])\n"
        "print(os.environ['HOME'], len(set(os.listdir(os.environ['HOME'])) - {'.ipython'}))\n"
        "print('KUBECONFIG' in os.environ, os.environ.get('PYTEST_CURRENT_TEST'))"
    )
    _, events = follow(place.launch(source))
    host, pid, zone, home, *rest = texts(events).split()
    assert host == fake.pods[0]["metadata"]["name"]
    assert int(pid) < 100  # of its own: the keeper is 1
    assert zone != time.tzname[0]
    assert home == "/steppe/home"
    assert rest == ["0", "False", "None"]


def test_the_end_is_noticed_at_once_without_asking(place, fake):
    flight = place.launch("import time\nprint('on', flush=True)\ntime.sleep(1.5)\nx = time.time()\nprint(x)")
    begun(flight)
    asked = len(fake.requests)
    _, events = follow(flight)
    late = time.time() - float(texts(events).split()[-1])
    assert len(fake.requests) == asked
    assert late < 1.0, f"{late:.3f} s after the code's end"


def test_a_pod_that_is_killed_is_noticed_within_a_moment(place, fake):
    flight = started(place)
    (pod,) = fake.pods
    container, ends = fake.kubelet.container("research", pod["metadata"]["name"]), []
    following = threading.Thread(target=lambda: ends.append((follow(flight)[0], time.monotonic())))
    following.start()
    container.kill()
    assert container.over.wait(10)
    over = time.monotonic()
    following.join()
    ((end, noticed),) = ends
    assert (end.how, end.again) == ("killed", True)
    assert end.why == "its pod was killed by signal 9 (SIGKILL) on node node-1"
    assert noticed - over < 1.0, f"{noticed - over:.3f} s after the pod's end"  # 3 to 60 ms where nothing else runs


def test_a_pod_that_says_nothing_costs_nothing(place, fake, executor):
    executor._pod["pod_template"] = {"containers": [{"name": "step", "command": ["sleep", "600"], "args": []}]}
    flight = place.launch("x = 1")
    wait_for(lambda: any(pod["status"].get("phase") == "Running" for pod in fake.pods))
    began = time.thread_time()
    assert flight.follow(lambda _: None, timeout=3.0) is None
    assert time.thread_time() - began < 0.3
    flight.cancel()


def test_an_attempt_costs_few_requests(place, fake):
    follow(place.launch("x = 1"))
    watches = [request for request in fake.requests if request[2].get("labelSelector")]
    rest = [request[:2] for request in fake.requests if not request[2].get("labelSelector")]
    assert len(watches) <= 4, watches
    assert len(rest) <= 4, rest  # the quotas, the Job, its log, and the events where the pod is slow to start


def test_a_job_that_no_node_has_room_for_says_so_and_is_run_when_there_is(place, fake):
    fake.nodes["node-1"]["memory"] = 2**30
    flight = place.launch("x = 1", Resources(cpu=0.0, memory=2**31))
    until(flight, lambda _: flight.queued.startswith("a node with room"))
    assert flight.queued == "a node with room for it: of 1 node, 1 lacks free memory"
    fake.nodes["node-2"] = {"cpu": 4, "memory": 2**33}
    assert follow(flight)[0].how == "done"


def test_an_image_that_is_not_there_ends_it_and_leaves_nothing(place, fake, executor):
    executor._pod["image"] = "nowhere:9"
    end, _ = follow(place.launch("x = 1"))
    assert end.how == "refused"
    assert end.why.startswith("its image nowhere:9 can't be pulled: nowhere:9: not found. Correct `image`")
    wait_for(lambda: not fake.jobs and not fake.pods)


def test_a_secret_that_is_there_is_a_variable(place, fake, executor):
    fake.secrets["api"] = {"token": "hunter2"}
    executor._pod["secrets"] = {"TOKEN": "api/token"}
    _, events = follow(place.launch("import os\nprint(os.environ['TOKEN'])"))
    assert "hunter2" in texts(events)
    assert "hunter2" not in str(fake.jobs)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("PreemptionByScheduler", "it had to make room for a pod of higher priority"),
        ("EvictionByEvictionAPI", "its node node-1 was drained"),
    ],
)
def test_a_pod_that_is_taken_away_is_lost_and_may_be_tried_again(place, fake, reason, said):
    flight = started(place)
    (pod,) = fake.pods
    fake.disrupt(pod, reason)
    end, _ = follow(flight)
    assert (end.how, end.why, end.again) == ("lost", said, True)


def test_a_node_that_is_lost(place, fake):
    flight = started(place)
    fake.lose_node("node-1")
    end, _ = follow(flight)
    assert end.how == "lost"
    assert end.again
    assert end.why == "its node node-1 was lost or drained"


def test_an_api_server_that_is_down_while_it_runs_loses_nothing(place, fake):
    flight = place.launch(COUNTS.format(number=20, pause=0.1))
    begun(flight)
    fake.shut()
    events = []
    assert flight.follow(events.append, timeout=3.0) is None  # it ends meanwhile
    fake.open()
    end, rest = follow(flight)
    assert end.how == "done"
    numbers = texts(events + rest).split()
    assert numbers[-20:] == [str(number) for number in range(20)], numbers


def test_connections_that_are_cut_again_and_again_lose_nothing(place, fake):
    flight = place.launch(COUNTS.format(number=40, pause=0.05))
    stop = threading.Event()

    def cut():
        while not stop.wait(0.15):
            fake.cut()

    cutter = threading.Thread(target=cut)
    cutter.start()
    try:
        end, events = follow(flight)
    finally:
        stop.set()
        cutter.join()
    assert end.how == "done"
    assert texts(events).split() == ["on", *map(str, range(40))]


def test_a_log_that_can_not_be_followed_is_read_now_and_then(place, fake):
    fake.unfollowed = True
    end, events = follow(place.launch(COUNTS.format(number=30, pause=0.1)))
    assert end.how == "done"
    assert texts(events).split() == ["on", *map(str, range(30))]
    logs = [path for _, path, _ in fake.requests if path.endswith("/log")]
    assert len(logs) <= 10, logs


def test_a_watch_that_has_expired_begins_anew(place, fake, monkeypatch):
    monkeypatch.setattr(watching, "ROUND", 1)  # seconds: a watch goes on from a version that is forgotten
    flight = started(place)
    for _ in range(4):
        fake.objects.compact()
        fake.cut()
        assert flight.follow(lambda _: None, timeout=0.4) is None
    fake.delete("pods", "research", fake.pods[0]["metadata"]["name"], {})
    assert follow(flight)[0].how == "lost"


def test_credentials_that_run_out_are_read_anew(place, fake, tmp_path):
    flight = started(place)
    fake.token = "second"
    fake.cut()
    assert flight.follow(lambda _: None, timeout=0.5) is None
    fake.write_config(tmp_path / "kubeconfig")
    flight.cancel()
    assert follow(flight)[0].how == "cancelled"
    wait_for(lambda: not fake.jobs)


def test_an_api_server_that_is_down_at_launch_is_asked_again(place, fake):
    fake.shut()
    threading.Timer(1.0, fake.open).start()
    assert follow(place.launch("x = 1"))[0].how == "done"
    assert len(fake.jobs) == 1


def test_no_image_is_refused_before_anything_is_made(fake, tmp_path):
    place = Place(KubernetesExecutor(), tmp_path / "store")
    with pytest.raises(UsageError, match="no image is named"):
        place.launch("x = 1")
    assert fake.requests == []


def test_a_store_out_of_reach_is_refused_before_anything_is_made(fake, tmp_path):
    place = Place(KubernetesExecutor({"image": "steps:1"}), tmp_path / "store")
    with pytest.raises(UsageError, match="could not reach the store"):
        place.launch("x = 1")
    assert fake.requests == []


def test_a_cluster_that_is_not_there_is_said_in_one_sentence(monkeypatch, tmp_path, pod):
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    place = Place(KubernetesExecutor(pod), tmp_path / "store")
    with pytest.raises(UsageError, match="no cluster can be reached"):
        place.launch("x = 1")
