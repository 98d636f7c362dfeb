"""Scripts with steps: a call returns its value, a second run hits, lineage is written down."""

import os
import signal

FLOW = """
    import steppe

    @steppe.step
    def load(n: int) -> list:
        print("loading", n)
        return list(range(n))

    @steppe.step
    def total(xs, *, scale=1):
        print("adding")
        return {"sum": sum(xs) * scale}

    @steppe.pipeline
    def daily(n):
        found = total(load(n), scale=2)
        return found["sum"] + 1 if found["sum"] else None

    if __name__ == "__main__":
        print(daily(4))
"""


def test_a_pipeline_returns_its_value_and_in_a_second_process_all_its_steps_are_hits(project):
    first = project.script(FLOW)
    assert first == "loading 4\nadding\n13\n"
    assert project.run("flow.py") == first
    assert project.states("load") == ["succeeded", "hit"]
    assert project.states("total") == ["succeeded", "hit"]
    assert project.states("daily") == ["succeeded", "succeeded"]


def test_each_call_of_a_pipeline_is_a_run_with_its_arguments_and_its_steps_are_its_children(project):
    project.script(FLOW)
    (run,) = project.runs()
    assert (run.kind, run.status, run.parameters, run.path) == ("functions", "succeeded", {"n": 4}, "flow.py")
    by_name = {each.step.name: each for each in project.steps()}
    assert {each.run for each in by_name.values()} == {run.id}
    assert by_name["load"].parent == by_name["total"].parent == by_name["daily"].id
    assert by_name["daily"].parent == ""


def test_the_edges_lead_from_what_one_step_returned_to_the_argument_of_the_next(project):
    project.script(FLOW)
    by_name = {each.step.name: each for each in project.steps()}
    assert by_name["total"].inputs["xs="] == by_name["load"].outputs["return"]


def test_hints_and_source_are_kept_with_the_step_run(project):
    project.script(FLOW)
    load = next(each for each in project.steps() if each.step.name == "load")
    assert load.hints == {"n": "int", "return": "list"}
    assert "def load(n: int)" in load.source


def test_steps_inside_steps_are_children_and_their_values_are_kept_by_themselves(project):
    text = """
        import sys
        import steppe

        @steppe.step
        def leaf(x):
            print("leaf", x)
            return x * 10

        @steppe.step
        def tree(depth):
            if depth == 0:
                return leaf(depth)
            return sum(tree(depth - 1) for _ in range(2)) + leaf(depth)

        print(tree(int(sys.argv[1])))
    """
    assert project.script(text, "2").splitlines()[-1] == "40"
    ran = [run for run in project.steps() if run.state == "succeeded"]
    assert sorted(run.step.name for run in ran) == ["leaf", "leaf", "leaf", "tree", "tree", "tree"]
    parents = {run.id: run for run in project.steps()}
    inner = [run for run in ran if run.parent]
    assert {parents[run.parent].step.name for run in inner} == {"tree"}
    project.run("flow.py", "3")
    assert project.states("tree").count("succeeded") == 4, "only the new level runs"


def test_an_error_has_the_users_own_traceback_and_the_run_has_failed(project):
    text = """
        import steppe

        def helper(x):
            return 1 / x

        @steppe.step
        def inner(x):
            return helper(x)

        @steppe.step
        def outer(x):
            return inner(x)

        @steppe.pipeline
        def flow():
            return outer(0)

        flow()
    """
    project.script(text, fails=True)
    frames = [line.strip() for line in project.err.splitlines() if line.strip().startswith("File ")]
    ours = [line for line in frames if "/steppe/" in line]
    assert "ZeroDivisionError: division by zero" in project.err
    names = [line.rpartition("in ")[2] for line in frames if "flow.py" in line]
    assert names == ["<module>", "flow", "outer", "inner", "helper"]
    assert len(ours) <= 2 * 4, project.err
    assert project.states() == [("flow", "failed"), ("outer", "failed"), ("inner", "failed")]
    assert project.runs()[0].status == "failed"


def test_a_failed_step_is_not_kept_and_those_before_it_are(project):
    text = """
        import os
        import steppe

        @steppe.step
        def good(x):
            return x + 1

        @steppe.step
        def bad(x):
            if not os.path.exists("fixed"):
                raise ValueError("not yet")
            return x

        @steppe.pipeline
        def flow():
            return bad(good(1))

        print(flow())
    """
    project.script(text, fails=True)
    project.write("fixed", "")
    assert project.run("flow.py") == "2\n"
    assert project.states("good") == ["succeeded", "hit"]
    assert project.states("bad") == ["failed", "succeeded"]


def test_a_script_that_is_killed_loses_no_finished_step(project):
    text = """
        import time
        import steppe

        @steppe.step
        def part(n):
            return n * n

        @steppe.step
        def last(parts):
            print("ready", flush=True)
            time.sleep(600 if len(parts) == 5 and WAITS else 0)
            return sum(parts)

        import sys
        WAITS = False
        if len(sys.argv) > 1:
            last = last.__wrapped__
            WAITS = True

        @steppe.pipeline
        def flow():
            return last([part(n) for n in range(5)])

        print(flow())
    """
    project.write("flow.py", text)
    process = project.start("flow.py", "wait")
    assert process.stdout.readline() == "ready\n"
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert project.run("flow.py").splitlines()[-1] == "30"
    assert project.states("part") == ["succeeded"] * 5 + ["hit"] * 5


def test_map_gives_the_values_in_order_and_one_new_item_runs_alone(project):
    text = """
        import sys
        import steppe

        @steppe.step
        def score(x, *, by):
            print("scoring", x)
            return x * by

        print(score.map(range(int(sys.argv[1])), by=3))
    """
    assert project.script(text, "5").splitlines()[-1] == "[0, 3, 6, 9, 12]"
    project.run("flow.py", "6")
    states = project.states("score")
    assert states.count("succeeded") == 6
    assert states.count("hit") == 5


def test_a_map_that_fails_in_part_keeps_the_rest_and_says_which(project):
    text = """
        import steppe

        @steppe.step
        def invert(x):
            return 1 / x

        try:
            invert.map([1, 0, 2, 0])
        except ZeroDivisionError as error:
            print(error.__notes__[-1])
    """
    assert project.script(text) == "2 of 4 calls of `invert` have failed (from 0: 1, 3).\n"
    assert project.states("invert").count("succeeded") == 2


def test_a_future_is_passed_on_inside_lists_and_dicts(project):
    text = """
        import steppe

        @steppe.step
        def one(x):
            return x

        @steppe.step
        def gather(xs, by_name):
            return sum(xs) + by_name["a"]

        futures = [one.submit(n) for n in range(4)]
        found = gather.submit(futures, {"a": one.submit(10)})
        print(found.result(), found.done(), gather([0, 1, 2, 3], {"a": 10}))
    """
    assert project.script(text) == "16 True 16\n"
    assert project.states("gather") == ["succeeded", "hit"]


def test_a_step_logs_metrics_and_steppe_load_finds_what_it_returned(project):
    text = """
        import steppe

        @steppe.step
        def train(lr):
            steppe.log_metric("loss", lr / 2)
            return {"lr": lr}

        train(0.5)
        print(steppe.load("train"), steppe.load("train.return"))
    """
    assert project.script(text) == "{'lr': 0.5} {'lr': 0.5}\n"


def test_a_step_knows_its_context(project):
    text = """
        import steppe

        @steppe.step(cache=False)
        def inner():
            found = steppe.context()
            return found.step, found.pipeline, bool(found.run), bool(found.parent), found.key

        @steppe.step
        def keyed():
            return steppe.context().key[:3], inner()[:2]

        @steppe.pipeline
        def flow():
            return inner(), keyed()

        print(steppe.context(), flow())
    """
    assert project.script(text) == "None (('inner', 'flow', True, True, None), ('b3:', ('inner', 'flow')))\n"
