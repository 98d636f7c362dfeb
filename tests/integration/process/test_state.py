"""A worker begins with the kernel's ambient state and with the generators that the notebook has seeded."""


def test_a_worker_goes_on_from_the_seed_and_the_settings_of_the_kernel(kernel):
    notebook = kernel()
    assert notebook.run("import os, random\nrandom.seed(3)\nexpected = random.Random(3).random()").success
    assert notebook.run("os.environ['GREETING'] = 'hello'").success
    notebook.step("drawn", "drawn = random.random(), os.environ['GREETING']")
    assert str(notebook.last.state) == "succeeded", notebook.last.why
    assert notebook.last.executor == "process"
    assert notebook["drawn"] == (notebook["expected"], "hello")
