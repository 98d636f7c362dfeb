"""Steps in local workers, through real IPython shells."""

import pytest


@pytest.mark.parametrize("again", [False, True])
def test_a_step_runs_in_another_process_and_is_a_hit_afterwards(kernel, again):
    shell = kernel()
    result = shell.step("first", "import os\npid = os.getpid()\nprint('hello')\nos.getpid()")
    assert result.success
    pid = shell["pid"]
    assert pid != shell.pid
    assert shell.out.startswith("hello\n")
    if again:
        other = kernel()
        assert other.step("first", "import os\npid = os.getpid()\nprint('hello')\nos.getpid()").success
        assert other.last.state == "hit"
        assert other["pid"] == pid
