"""What the control groups tell of memory, in the layouts of both versions."""

import os

import pytest

from steppe.worker.cgroups import oom_kills, peak, read
from steppe.worker.deaths import too_much


@pytest.fixture
def cgroups(tmp_path):
    """Folders of cgroups as a container has them: its own is at the root, and its path leads nowhere."""
    (tmp_path / "memory").mkdir()
    return tmp_path


def test_the_peak_of_a_container_s_own_cgroup_whatever_the_version(cgroups):
    assert peak(cgroups=str(cgroups)) == 0
    folder = cgroups / "memory" if os.path.exists("/sys/fs/cgroup/memory") else cgroups
    (folder / "memory.max_usage_in_bytes").write_text("310046720\n")
    assert peak(cgroups=str(cgroups)) == 310046720
    (folder / "memory.peak").write_text("7\n")
    assert peak(cgroups=str(cgroups)) == 7


def test_kills_are_counted_where_they_are_told(cgroups):
    before = oom_kills(cgroups=str(cgroups))
    folder = cgroups / "memory" if os.path.exists("/sys/fs/cgroup/memory") else cgroups
    (folder / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n")
    (folder / "memory.events").write_text("low 0\noom 3\noom_kill 1\noom_group_kill 0\n")
    assert oom_kills(cgroups=str(cgroups)) - before == 3
    assert read(str(folder / "none")) == ""


def test_a_worker_that_used_too_much_is_told_of_in_one_sentence():
    assert too_much("300.0 MiB", "295.7 MiB") == (
        "it used more than its memory of 300.0 MiB, and was killed; last reading 295.7 MiB: give more `memory`"
    )
    assert too_much("", "") == "it used more than its memory, and was killed: give more `memory`"
