"""Steps that run in workers: the same keys and values, side by side, and their errors come back."""

TOP = """
import os
import steppe

def helper(x):
    return x + 1

class Pair:
    def __init__(self, a, b):
        self.a, self.b = a, b

@steppe.step(on="process")
def work(x: int) -> Pair:
    print("working")
    return Pair(helper(x), os.getpid())
"""


def test_a_step_runs_in_a_worker_and_its_value_is_of_the_scripts_own_class(project):
    text = TOP + "found = work(1)\nprint(isinstance(found, Pair), found.a, found.b != os.getpid())\n"
    assert project.script(text) == "working\nTrue 2 True\n"
    assert project.run("flow.py") == "working\nTrue 2 True\n"
    assert project.states("work") == ["succeeded", "hit"]
    assert project.steps()[0].executor == "process"


def test_a_result_made_in_a_worker_is_a_hit_in_the_process_itself(project):
    project.script(TOP + "work(1)\n")
    project.script(TOP + "print(work.options(on='inline')(1).a)\n")
    assert project.states("work") == ["succeeded", "hit"]


def test_a_step_of_a_module_runs_in_a_worker(project):
    project.write("helpers.py", TOP)
    assert project.script("import helpers\nprint(helpers.work(1).a)\n") == "working\n2\n"
    project.run("flow.py")
    assert project.states("work") == ["succeeded", "hit"]


def test_an_error_in_a_worker_is_raised_here_with_where_it_was_raised(project):
    text = """
        import steppe

        @steppe.step(on="process")
        def work(x):
            return {"a": 1}[x]

        try:
            work("b")
        except KeyError as error:
            print(error, "return {" in error.__notes__[0])
    """
    assert project.script(text) == "'b' True\n"
    assert project.states("work") == ["failed"]


def test_futures_run_side_by_side_and_feed_others(project):
    text = """
        import os, time
        import steppe

        @steppe.step(on="process")
        def meet(name, other):
            open(name + ".here", "w").close()
            until = time.monotonic() + 60
            while not os.path.exists(other + ".here"):
                assert time.monotonic() < until
                time.sleep(0.01)
            return name

        @steppe.step
        def both(a, b):
            return a + b

        a, b = meet.submit("a", "b"), meet.submit("b", "a")
        print(both(a, b))
    """
    assert project.script(text) == "ab\n"


def test_map_runs_in_workers_in_order(project):
    text = """
        import steppe

        @steppe.step(on="process")
        def double(x):
            return x * 2

        print(double.map(range(20)))
    """
    assert project.script(text).strip() == str([x * 2 for x in range(20)])
    project.run("flow.py")
    assert project.states("double").count("hit") == 20


def test_retries_are_by_exception(project):
    text = """
        import os
        import steppe

        @steppe.step(on="{on}", retries=2, retry_on=(OSError,))
        def work(kind):
            with open(kind + ".tries", "a") as file:
                file.write("x")
            if len(open(kind + ".tries").read()) < 3:
                raise {{"os": OSError, "value": ValueError}}[kind]("not yet")
            return "done"

        print(work("os"))
        try:
            work("value")
        except ValueError:
            print(len(open("value.tries").read()))
    """
    for on in ("process", "inline"):
        for kind in ("os", "value"):
            (project.root / f"{kind}.tries").unlink(missing_ok=True)
        assert project.script(text.format(on=on)) == "done\n1\n"


def test_a_timeout_ends_a_step(project):
    text = """
        import time
        import steppe

        @steppe.step(timeout=1, cache=False)
        def work():
            time.sleep(600)

        try:
            work()
        except steppe.errors.StepTimedOut as error:
            print(error)
    """
    assert "work" in project.script(text.replace("import steppe\n", "import steppe\n        import steppe.errors\n"))


def test_an_async_step_runs_in_a_worker(project):
    text = """
        import asyncio
        import steppe

        @steppe.step(on="process")
        async def work(x):
            await asyncio.sleep(0)
            return x + 1

        async def main():
            return await asyncio.gather(work(1), work(2))

        print(asyncio.run(main()))
    """
    assert project.script(text) == "[2, 3]\n"
    assert project.run("flow.py") == "[2, 3]\n"
    assert project.states("work").count("hit") == 2


def test_a_step_inside_of_a_workers_step_runs_as_the_function_that_it_is(project):
    text = """
        import steppe

        @steppe.step
        def inner(x):
            return x + 1

        @steppe.step(on="process")
        def outer(x):
            return inner(x) * 2

        print(outer(1))
    """
    assert project.script(text) == "4\n"
    assert project.states() == [("outer", "succeeded")]
