"""What a call depends on: whatever changes it runs again, and whatever does not is a hit."""

import os

import pytest

MAIN = """
    import steppe
    {top}

    @steppe.step{options}
    def work({parameters}):
        {body}

    print(work({arguments}))
"""


def flow(top="", options="", parameters="x", body="return x", arguments="1"):
    text = MAIN.replace("\n    ", "\n").strip()
    return (
        text.format(
            top=top, options=options, parameters=parameters, body=body.replace("\n", "\n    "), arguments=arguments
        )
        + "\n"
    )


CALLEE = "def helper(x):\n    return x + {}\n"
CLOSURE = """import steppe
def make(n):
    @steppe.step
    def work(x):
        return x + n
    return work
print(make({})(1))
"""
ROWS = {
    # name: (before, after, files before, files after)
    "its own code": (flow(body="return x + 1"), flow(body="return x + 2")),
    "an argument": (flow(arguments="1"), flow(arguments="2")),
    "the type of an argument": (
        flow(body="return repr(x)", arguments="1"),
        flow(body="return repr(x)", arguments="True"),
    ),
    "a default": (flow(parameters="x, y=1", body="return y"), flow(parameters="x, y=2", body="return y")),
    "a function that it calls": (
        flow(top=CALLEE.format(1), body="return helper(x)"),
        flow(top=CALLEE.format(2), body="return helper(x)"),
    ),
    "a function that that one calls": (
        flow(top=CALLEE.format(1) + "def middle(x):\n    return helper(x)\n", body="return middle(x)"),
        flow(top=CALLEE.format(2) + "def middle(x):\n    return helper(x)\n", body="return middle(x)"),
    ),
    "a global": (flow(top="SCALE = 2", body="return x * SCALE"), flow(top="SCALE = 3", body="return x * SCALE")),
    "what a global holds, deep inside": (
        flow(top="TABLE = {'a': [1, 2]}", body="return TABLE['a']"),
        flow(top="TABLE = {'a': [1, 3]}", body="return TABLE['a']"),
    ),
    "a global with the name of a parameter, read by a function that it calls": (
        flow(top="x = 10\ndef helper():\n    return x\n", body="return helper()"),
        flow(top="x = 11\ndef helper():\n    return x\n", body="return helper()"),
    ),
    "a class": (
        flow(top="class A:\n    def f(self):\n        return 1\n", body="return A().f()"),
        flow(top="class A:\n    def f(self):\n        return 2\n", body="return A().f()"),
    ),
    "an argument's class": (
        flow(top="class A:\n    def f(self):\n        return 1\n", body="return x.f()", arguments="A()"),
        flow(top="class A:\n    def f(self):\n        return 2\n", body="return x.f()", arguments="A()"),
    ),
    "another step that it calls": (
        flow(top="@steppe.step\ndef inner(x):\n    return x + 1\n", body="return inner(x)"),
        flow(top="@steppe.step\ndef inner(x):\n    return x + 2\n", body="return inner(x)"),
    ),
    "a closure": (
        CLOSURE.format(1),
        CLOSURE.format(2),
    ),
    "a module": (
        flow(top="import helpers", body="return helpers.f(x)"),
        flow(top="import helpers", body="return helpers.f(x)"),
        {"helpers.py": "def f(x):\n    return x + 1\n"},
        {"helpers.py": "def f(x):\n    return x + 2\n"},
    ),
    "a step in a module": (
        "import helpers\nprint(helpers.work(1))\n",
        "import helpers\nprint(helpers.work(1))\n",
        {"helpers.py": "import steppe\n@steppe.step\ndef work(x):\n    return x + 1\n"},
        {"helpers.py": "import steppe\n@steppe.step\ndef work(x):\n    return x + 2\n"},
    ),
    "a variable set in a module": (
        "import helpers\nhelpers.SCALE = 2\nprint(helpers.work(1))\n",
        "import helpers\nhelpers.SCALE = 3\nprint(helpers.work(1))\n",
        {"helpers.py": "import steppe\nSCALE = 1\n@steppe.step\ndef work(x):\n    return x * SCALE\n"},
    ),
    "a file that it reads": (
        flow(body="return open('data.txt').read()"),
        flow(body="return open('data.txt').read()"),
        {"data.txt": "one"},
        {"data.txt": "two"},
    ),
    "a file that a step inside of it reads": (
        flow(top="@steppe.step\ndef inner():\n    return open('data.txt').read()\n", body="return inner()"),
        flow(top="@steppe.step\ndef inner():\n    return open('data.txt').read()\n", body="return inner()"),
        {"data.txt": "one"},
        {"data.txt": "two"},
    ),
    "a setting of numpy": (
        flow(top="import numpy as np\nnp.set_printoptions(precision=2)", body="return str(np.array([1 / 3]))"),
        flow(top="import numpy as np\nnp.set_printoptions(precision=4)", body="return str(np.array([1 / 3]))"),
    ),
    "a seed": (
        flow(top="import random\nrandom.seed(1)", body="return random.random()"),
        flow(top="import random\nrandom.seed(2)", body="return random.random()"),
    ),
    "its own seed": (
        flow(top="import random", options="(seed=1)", body="return random.random()"),
        flow(top="import random", options="(seed=2)", body="return random.random()"),
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_what_has_changed_is_seen(project, name):
    before, after, files, new = (*ROWS[name], {}, {})[:4]
    for file, text in files.items():
        project.write(file, text)
    first = project.script(before)
    for file, text in new.items():
        project.write(file, text)
    second = project.script(after)
    assert first != second, "a stale hit"
    states = project.states("work") or project.states("make.work")
    assert states == ["succeeded", "succeeded"]
    assert project.run("flow.py") == second
    states = project.states("work") or project.states("make.work")
    assert states[-1] == "hit"


SAME = {
    "a comment": (flow(body="return x"), flow(body="return x  # the same")),
    "where and how often it runs": (flow(), flow(options="(retries=2, retry_on=OSError, timeout=None)")),
    "an argument by its name": (flow(arguments="1"), flow(arguments="x=1")),
    "a default written out": (flow(parameters="x, y=2"), flow(parameters="x, y=2", arguments="1, y=2")),
    "a global that it does not read": (flow(top="OTHER = 1"), flow(top="OTHER = 2")),
    "code around it": (flow(), flow() + "print('done')\n"),
    "a file that was edited and put back": (
        flow(body="return open('data.txt').read()"),
        flow(body="return open('data.txt').read()"),
        {"data.txt": "one"},
        {"data.txt": "one"},
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_what_makes_no_difference_is_a_hit(project, name):
    before, after, files, new = (*SAME[name], {}, {})[:4]
    for file, text in files.items():
        project.write(file, text)
    project.script(before)
    for file, text in new.items():
        project.write(file, text)
    project.script(after)
    assert project.states("work") == ["succeeded", "hit"]


UNKEPT = {
    "time.time": flow(top="import time", body="return time.time() > 0"),
    "it connects to": flow(
        top="import socket",
        body="try:\n    socket.create_connection(('127.0.0.1', 1), 0.2)\nexcept OSError:\n    pass\nreturn 1",
    ),
    "it starts a process": flow(top="import subprocess", body="return subprocess.run(['true']).returncode"),
    "sets the variable `COUNT`": flow(top="COUNT = 0", body="global COUNT\nCOUNT += 1\nreturn COUNT"),
    "cache=false": flow(options="(cache=False, seed=1)"),
    "Connection": flow(top="import sqlite3", body="return 1", arguments="sqlite3.connect(':memory:')"),
}


@pytest.mark.parametrize("why", UNKEPT)
def test_what_can_not_be_known_is_not_kept_and_says_why(project, why):
    project.script(UNKEPT[why])
    project.run("flow.py")
    assert project.states("work") == ["succeeded", "succeeded"]
    said = project.steps()[-1].why
    assert why in said, said


def test_the_clock_in_a_modules_step_is_not_kept_unless_it_is_told_how_long(project):
    module = "import steppe, time\n@steppe.step{}\ndef work(x):\n    return time.time()\n"
    project.write("helpers.py", module.format(""))
    project.script("import helpers\nhelpers.work(1)\n")
    project.run("flow.py")
    assert project.states("work") == ["succeeded", "succeeded"]
    project.write("helpers.py", module.format("(expires='1h')"))
    project.run("flow.py")
    project.run("flow.py")
    assert project.states("work")[-2:] == ["succeeded", "hit"]


def test_a_step_around_one_that_reaches_outside_is_not_kept(project):
    text = """
        import subprocess
        import steppe

        @steppe.step
        def inner():
            return subprocess.run(["true"]).returncode

        @steppe.step
        def outer():
            return inner()

        outer()
    """
    project.script(text)
    project.run("flow.py")
    assert project.states("outer") == ["succeeded", "succeeded"]


def test_what_a_hit_inside_depends_on_is_the_outer_steps_own(project):
    text = """
        import steppe

        @steppe.step
        def inner():
            return open("data.txt").read()

        @steppe.step
        def outer(x):
            return inner() + str(x)

        import sys
        if len(sys.argv) > 1:
            inner()
        else:
            print(outer(1))
    """
    project.write("data.txt", "one")
    project.script(text, "inner alone")
    assert project.run("flow.py") == "one1\n"
    assert project.states("inner") == ["succeeded", "hit"]
    project.write("data.txt", "two")
    assert project.run("flow.py") == "two1\n"


def test_an_argument_that_is_changed_in_place_is_changed_by_a_hit_too(project):
    text = """
        import steppe

        @steppe.step
        def extend(xs):
            xs.append(len(xs))
            return sum(xs)

        xs = [1, 2]
        alias = xs
        print(extend(xs), xs, alias is xs)
    """
    assert project.script(text) == "5 [1, 2, 2] True\n"
    assert project.run("flow.py") == "5 [1, 2, 2] True\n"
    assert project.states("extend") == ["succeeded", "hit"]


COUNTS = {
    "an attribute of the step": "work.calls = getattr(work, 'calls', 0) + 1\nreturn work.calls",
    "the module by its name": (
        "import sys\nmain = sys.modules['__main__']\nmain.calls = getattr(main, 'calls', 0) + 1\nreturn main.calls"
    ),
    "the module, imported": "import __main__ as m\nm.calls = getattr(m, 'calls', 0) + 1\nreturn m.calls",
    "a default": "seen.append(1)\nreturn len(seen)",
    "a file": "with open('log', 'a') as file:\n    file.write('x')\nreturn len(open('log').read())",
}


@pytest.mark.parametrize("where", COUNTS)
def test_calls_that_are_counted_are_counted_with_hits_too(project, where):
    parameters = "seen=[]" if where == "a default" else ""
    text = flow(parameters=parameters, body=COUNTS[where], arguments="") + "print(work(), work())\n"
    for _ in range(2):
        assert project.script(text) == "1\n2 3\n"
        (project.root / "log").unlink(missing_ok=True)


def test_files_that_a_step_wrote_are_put_back(project):
    text = """
        import steppe

        @steppe.step
        def export(x):
            with open("out.txt", "w") as file:
                file.write(str(x))

        export(5)
        print(open("out.txt").read())
    """
    project.script(text)
    os.remove(project.root / "out.txt")
    assert project.run("flow.py") == "5\n"
    assert project.states("export") == ["succeeded", "hit"]


def test_two_hits_share_nothing(project):
    text = """
        import steppe

        @steppe.step
        def make():
            return [1, 2]

        a, b = make(), make()
        a.append(3)
        print(b, make())
    """
    assert project.script(text) == "[1, 2] [1, 2]\n"


def test_a_module_that_was_edited_since_it_was_loaded_runs_uncached(project):
    text = """
        import helpers
        with open("helpers.py", "a") as file:
            file.write("x = 1\\n")
        helpers.work(1)
    """
    project.write("helpers.py", "import steppe\n@steppe.step\ndef work(x):\n    return x\n\nwork(0)\n")
    project.script(text)
    last = [run for run in project.steps() if run.step.name == "work"][-1]
    assert last.key is None
    assert "reload" in last.why


def test_a_module_that_was_edited_before_the_first_call_runs_uncached(project):
    text = """
        import helpers
        with open("helpers.py", "w") as file:
            file.write("import steppe\\n@steppe.step\\ndef work(x):\\n    return x + 2\\n")
        print(helpers.work(1))
    """
    project.write("helpers.py", "import steppe\n@steppe.step\ndef work(x):\n    return x + 1\n")
    assert project.script(text) == "2\n"
    assert "reload" in project.steps()[-1].why
    project.write("flow.py", "import helpers\nprint(helpers.work(1))\n")
    assert project.run("flow.py") == "3\n"


def test_a_script_that_is_edited_while_it_runs_keeps_nothing(project):
    text = """
        import steppe

        @steppe.step
        def work(x):
            return x + 1

        with open("flow.py") as file:
            text = file.read()
        with open("flow.py", "w") as file:
            file.write(text.replace("x + 1", "x + 2"))
        print(work(1))
    """
    assert project.script(text) == "2\n"
    assert "has changed since it was started" in project.steps()[-1].why
    assert project.run("flow.py") == "3\n"


def test_methods_are_steps_of_their_object(project):
    text = """
        import steppe

        class Model:
            def __init__(self, lr):
                self.lr = lr

            @steppe.step
            def fit(self, x):
                return x * self.lr

        print(Model(2).fit(3), Model(3).fit(3), Model(2).fit(3))
    """
    assert project.script(text) == "6 9 6\n"
    assert project.states("Model.fit") == ["succeeded", "succeeded", "hit"]


def test_a_script_and_a_notebook_share_hits(project):
    notebook = """
        from IPython.core.interactiveshell import InteractiveShell
        shell = InteractiveShell.instance()
        assert shell.run_cell("import steppe\\n@steppe.step\\ndef work(x):\\n    return x + 1").success
        assert shell.run_cell("found = work(1)").success
        print(shell.user_ns["found"])
    """
    project.script("import steppe\n@steppe.step\ndef work(x):\n    return x + 1\nprint(work(1))\n")
    project.write("kernel.py", notebook)
    assert project.run("kernel.py", IPYTHONDIR=str(project.root / ".ipython")) == "2\n"
    assert project.states("work") == ["succeeded", "hit"]


@pytest.mark.parametrize("call", ["helpers.work(1)", "IOLoop().run_sync(serve)", "IOLoop().run_sync(helpers.serve)"])
def test_what_only_runs_a_step_sets_nothing_up(project, call):
    """A bare call of the project's own, of a server: each step in it would run each time otherwise."""
    serve = "async def serve():\n    return helpers.work(1)\n"
    project.write(
        "helpers.py",
        "import steppe\n@steppe.step\ndef work(x):\n    return x + 1\nasync def serve():\n    return work(1)\n",
    )
    project.script(f"import helpers\nfrom tornado.ioloop import IOLoop\n{serve}{call}\n")
    project.run("flow.py")
    assert project.states("work") == ["succeeded", "hit"], project.steps()[-1].why
