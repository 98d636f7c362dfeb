"""Fan-outs on a local Ray: the same elements, keys and sentences as anywhere."""

MAP = "%%step score on=ray "


def elements(shell):
    found = shell.last.elements
    return found["hits"], found["ran"], found["failed"]


def test_elements_run_on_ray_and_are_hits_in_the_kernel(local, kernel):
    shell = kernel()
    shell.run("xs = list(range(12))\nk = 2")
    body = "import os\nprint('at', x)\npid = os.getpid()\ny = x * k"
    assert shell.run(f'{MAP} map="x in xs" gather=y,pid\n{body}').success, shell.err
    assert shell["y"] == [x * 2 for x in range(12)]
    assert shell.out.split("\n")[:-1] == [f"at {x}" for x in range(12)]
    assert shell.last.executor == "ray"
    assert elements(shell) == (0, 12, 0)
    pids = shell["pid"]
    other = kernel()
    other.run("xs = list(range(13))\nk = 2")
    assert other.run(f'%%step score map="x in xs" gather=y,pid\n{body}').success
    assert elements(other) == (12, 1, 0)
    assert other["pid"][:12] == pids


def test_an_element_that_fails_on_ray_is_named(local, kernel):
    shell = kernel()
    shell.run("xs = [1, 0, 2]")
    assert isinstance(shell.run(f'{MAP} map="x in xs"\ny = 4 // x').error_in_exec, ZeroDivisionError)
    assert elements(shell) == (0, 2, 1)
    assert "1 of 3 elements of `score` failed: 1 (0): ZeroDivisionError" in shell.said
