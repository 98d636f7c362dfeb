"""A result that is kept needs no place to run at: whoever has no GPU has the hits of those who have."""

import pytest

GPU = "on=process gpu=1"
SAID = "this machine has no GPU, and gpu=1 was asked for"


@pytest.fixture
def gpus(monkeypatch):
    def there(count):
        monkeypatch.setenv("STEPPE_GPUS", str(count) if count else "")
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", ",".join(map(str, range(count))))

    return there


@pytest.mark.parametrize("options", [GPU, "gpu=1"])
def test_a_step_hits_and_is_refused_where_it_misses(kernel, gpus, options):
    gpus(1)
    one = kernel()
    one.step("train", "y = [1]", options)
    gpus(0)
    two = kernel()
    two.step("train", "y = [1]", options)
    assert two.last.state == "hit", two.last.why
    assert two["y"] == [1]
    for source in ("y = [2]", "import time\ny = time.time()"):
        result = two.step("train", source, options)
        assert SAID in str(result.error_before_exec)
        assert two["y"] == [1]
    assert not two.session.catalog.claims.all()


@pytest.mark.parametrize("wait", ["true", "false"])
def test_elements_hit_and_are_refused_where_they_miss(kernel, gpus, wait):
    gpus(1)
    one = kernel()
    one.step("score", "y = x * 10", f'{GPU} map="x in [1, 2]" gather=y')
    assert one["y"] == [10, 20]
    gpus(0)
    two = kernel()
    two.step("score", "y = x * 10", f'{GPU} map="x in [1, 2]" gather=y wait={wait}')
    assert two["y"] == [10, 20]
    result = two.step("score", "y = x * 10", f'{GPU} map="x in [1, 2, 3]" gather=y wait={wait}')
    assert SAID in str(result.error_before_exec)
    assert two["y"] == [10, 20]
    assert not two.session.catalog.claims.all()


def test_a_call_hits_and_is_refused_where_it_misses(kernel, gpus):
    made = "import steppe\n@steppe.step(gpu=1, on='process')\ndef train(x):\n    return [x]"
    gpus(1)
    one = kernel()
    one.run(made)
    assert one.run("train(1)").result == [1]
    gpus(0)
    two = kernel()
    two.run(made)
    assert two.run("train(1)").result == [1]
    assert str(two.run("train(2)").error_in_exec).startswith("@steppe.step on=process: this machine has no GPU")
