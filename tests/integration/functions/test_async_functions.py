"""Coroutine functions whose results are kept: awaited, gathered, nested, on time."""


def test_gathered_steps_give_their_values_and_hit_in_a_second_process(project):
    text = """
        import asyncio
        import steppe

        @steppe.step
        async def fetch(n):
            print("fetching", n)
            await asyncio.sleep(0.01)
            return n * 10

        @steppe.step
        async def report(ns):
            return sum(await asyncio.gather(*(fetch(n) for n in ns)))

        @steppe.pipeline
        async def flow():
            return await report([1, 2, 3]), await fetch(4), await fetch.map([1, 4])

        print(asyncio.run(flow()))
    """
    assert project.script(text).splitlines()[-1] == "(60, 40, [10, 40])"
    project.run("flow.py")
    second = [state for name, state in project.states()[-7:] if name != "flow"]
    assert set(second) == {"hit"}
    parents = {run.id: run.step.name for run in project.steps()}
    assert {parents[run.parent] for run in project.steps() if run.step.name == "fetch"} == {"report", "flow"}


def test_a_future_of_a_coroutine_function_is_awaitable(project):
    text = """
        import asyncio
        import steppe

        @steppe.step
        async def fetch(n):
            return n + 1

        async def main():
            one = fetch.submit(1)
            return await one, await fetch(fetch.submit(5))

        print(asyncio.run(main()), fetch.submit(2).result())
    """
    assert project.script(text) == "(2, 7) 3\n"


def test_a_coroutine_that_takes_too_long_is_ended(project):
    text = """
        import asyncio
        import steppe
        from steppe.errors import StepTimedOut

        @steppe.step(timeout=0.2)
        async def wait():
            await asyncio.sleep(600)

        try:
            asyncio.run(wait())
        except StepTimedOut as error:
            print(error)
    """
    assert project.script(text) == "`wait` took longer than its timeout of 0.2 s.\n"
    assert project.states("wait") == ["failed"]


def test_an_outer_coroutine_depends_on_what_its_inner_ones_read(project):
    text = """
        import asyncio
        import steppe

        @steppe.step
        async def read(name):
            await asyncio.sleep(0)
            return open(name).read()

        @steppe.step
        async def both():
            return "".join(await asyncio.gather(read("a.txt"), read("b.txt")))

        print(asyncio.run(both()))
    """
    project.write("a.txt", "a")
    project.write("b.txt", "b")
    assert project.script(text) == "ab\n"
    assert project.run("flow.py") == "ab\n"
    assert project.states("both") == ["succeeded", "hit"]
    project.write("b.txt", "c")
    assert project.run("flow.py") == "ac\n"
