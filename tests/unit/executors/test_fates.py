"""Which of several nodes has ended the others: from what was seen and heard of each."""

import pytest

from steppe.executors.executor import End
from steppe.executors.kubernetes.fates import Fate, cause
from steppe.executors.kubernetes.nodes import called, nodes_of, rank_of
from steppe.worker.group import lost_others
from steppe.worker.task import AttemptRecord, Failure

DONE = End(how="done")
DELETED = End(how="lost", why="its pod was deleted while it ran", again=True)
KILLED = End(how="killed", why="its pod was killed by signal 9 (SIGKILL) on node n", again=True)


def failed(rank, kind="builtins.ValueError", text="wrong", ended=1.0, **seen):
    record = AttemptRecord(status="failed", failure=Failure(kind=kind, text=text), ended=ended)
    return Fate(rank=rank, end=DONE, record=record, **seen)


def cut_off(rank, ended=0.5, **seen):
    return failed(rank, "builtins.RuntimeError", "[pair.cc:534] Connection closed by peer [10.0.0.7]:1", ended, **seen)


def fine(rank):
    return Fate(rank=rank, end=DONE, record=AttemptRecord(status="succeeded"))


@pytest.mark.parametrize(
    ("fates", "rank"),
    [
        ([fine(0), failed(1)], 1),
        ([cut_off(0), failed(1), cut_off(2)], 1),  # though another one told of it first
        ([failed(0, ended=2.0), failed(1, ended=1.0)], 1),
        ([failed(0, trouble=3), Fate(rank=1, end=KILLED, trouble=5)], 1),  # its death is why the other's code failed
        ([failed(0, trouble=3), Fate(rank=1, end=DELETED, trouble=5, going=5)], 0),  # by the cluster, as one had failed
        ([failed(0, trouble=3), Fate(rank=1, end=KILLED, trouble=5, going=5)], 0),  # it did not go when it was asked to
        ([failed(0, trouble=3), Fate(rank=1, end=DELETED, trouble=5, going=5, disrupted=True)], 1),
        ([cut_off(0, trouble=5), Fate(rank=1, end=DELETED, trouble=3, going=3)], 1),
        ([Fate(rank=0, end=DELETED, trouble=4, going=4), Fate(rank=1, end=DELETED, trouble=3, going=3)], 1),
        ([Fate(rank=0, end=DONE, record=AttemptRecord(status="elsewhere")), cut_off(1)], 1),
    ],
)
def test_who_is_the_cause(fates, rank):
    assert cause(fates).rank == rank
    assert cause(fates[::-1]).rank == rank


def test_where_all_is_well_nobody_is():
    assert cause([fine(0), fine(1)]) is None
    assert cause([]) is None


@pytest.mark.parametrize(
    ("kind", "text", "others"),
    [
        ("torch.distributed.DistBackendError", "NCCL error", True),
        ("builtins.ConnectionResetError", "", True),
        ("builtins.RuntimeError", "Timed out waiting 1800000ms for recv operation to complete", True),
        ("builtins.RuntimeError", "CUDA out of memory", False),
        ("builtins.ValueError", "connection", False),
    ],
)
def test_what_code_says_where_it_has_lost_the_others(kind, text, others):
    assert lost_others(AttemptRecord(status="failed", failure=Failure(kind=kind, text=text))) is others


def test_which_pod_is_which():
    assert nodes_of(None) == nodes_of({"spec": {}}) == 1
    assert nodes_of({"spec": {"completions": 4}}) == 4
    assert rank_of({"metadata": {}}) == 0
    assert rank_of({"metadata": {"annotations": {"batch.kubernetes.io/job-completion-index": "2"}}}) == 2
    assert called(2, 4) == "node 3 of 4 (rank 2)"
