"""What is only traced is written down all the same: at exit, before a fork, by a child, and beside an error."""

SCRIPT = """
import os, sys
import steppe

@steppe.step(cache=False)
def quick(x):
    return x + 1
"""


def count(project):
    return project.states().count(("quick", "succeeded"))


def test_at_exit_all_is_written(project):
    project.script(SCRIPT + "for number in range(5000): quick(number)\n")
    assert count(project) == 5000
    assert {str(run.status) for run in project.runs()} == {"succeeded"}


def test_at_sys_exit_and_after_an_error_too(project):
    project.script(SCRIPT + "for number in range(500): quick(number)\nsys.exit(0)\n")
    project.script(SCRIPT + "for number in range(500): quick(number)\nraise ValueError\n", fails=True)
    assert count(project) == 1000
    assert [run.status for run in project.runs()] == ["succeeded", "failed"]


def test_a_fork_loses_and_repeats_nothing(project):
    text = (
        SCRIPT
        + """
for number in range(300): quick(number)
pid = os.fork()
for number in range(50): quick(number)
if pid == 0:
    os._exit(0)
os.waitpid(pid, 0)
"""
    )
    project.script(text)
    assert count(project) == 400


def test_children_of_multiprocessing_write_too(project):
    text = (
        SCRIPT
        + """
import multiprocessing
if __name__ == "__main__":
    quick(0)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(sum(pool.map(quick, range(40))))
"""
    )
    project.script(text)
    assert count(project) == 41


def test_threads_that_go_on_at_exit_are_waited_for(project):
    text = (
        SCRIPT
        + """
import threading
threading.Thread(target=lambda: [quick(n) for n in range(2000)]).start()
"""
    )
    project.script(text)
    assert count(project) == 2000
