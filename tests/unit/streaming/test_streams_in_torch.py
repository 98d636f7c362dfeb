"""Streams in PyTorch: a DataLoader's workers share a stream's batches, in its order, and go on where it stood."""

import json
import subprocess
import sys

import numpy as np
import pytest
from kept import array_part, rows_of_part, stream_of

import steppe
from steppe.errors import UsageError

torch = pytest.importorskip("torch")
ROWS = 1003
pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create:UserWarning")
OPTIONS = {"seed": 3, "block": 7, "window": 4}


@pytest.fixture
def rows(store):
    return rows_of_part(array_part(store, np.arange(ROWS)), store)


@pytest.fixture
def expected(rows):
    return [
        [batch.tolist() for batch in stream_of(rows, 25, **OPTIONS, epochs=3)][at * 41 : at * 41 + 41]
        for at in range(3)
    ]


def dataset(rows):
    return stream_of(rows, 25, **OPTIONS).torch()


@pytest.mark.parametrize("workers", [0, 1, 2, 3])
def test_the_batches_are_the_stream_s_for_any_number_of_workers(rows, expected, workers):
    loader = torch.utils.data.DataLoader(dataset(rows), batch_size=None, num_workers=workers)
    assert len(loader) == 41
    found = list(loader)
    assert {type(batch) for batch in found} == {torch.Tensor}
    assert [batch.tolist() for batch in found] == expected[0]


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("persistent", [False, True])
def test_epochs_are_told_to_workers_that_persist_too(rows, expected, workers, persistent):
    mine = dataset(rows)
    loader = torch.utils.data.DataLoader(
        mine, batch_size=None, num_workers=workers, persistent_workers=persistent and workers > 0
    )
    for epoch in (0, 2, 1):
        mine.set_epoch(epoch)
        assert [batch.tolist() for batch in loader] == expected[epoch]


@pytest.mark.parametrize(("before", "after"), [(0, 2), (2, 0), (3, 2)])
@pytest.mark.parametrize("given", [5, 41, 60])
def test_a_loader_goes_on_exactly_where_another_stood(rows, expected, before, after, given):
    whole = [batch for epoch in expected[:2] for batch in epoch]
    first = dataset(rows).loader(num_workers=before)
    found = []
    while len(found) < given:
        for batch in first:
            found.append(batch.tolist())
            if len(found) == given:
                break
    state = json.loads(json.dumps(first.state()))
    second = dataset(rows).loader(num_workers=after).resume(state)
    while len(found) < len(whole):
        found += [batch.tolist() for batch in second]
    assert found == whole


SPAWNS = """
import sys
sys.path[:0] = {paths!r}
import numpy as np
from kept import array_part, rows_of_part, stream_of
from steppe.store import LocalStore

if __name__ == "__main__":
    store = LocalStore({store!r})
    rows = rows_of_part(array_part(store, np.arange({rows})), store)
    loader = stream_of(rows, 25, **{options!r}).torch().loader(num_workers=2, multiprocessing_context="spawn")
    print([batch.tolist() for batch in loader])
"""


def test_workers_that_are_spawned_read_the_same(store, expected, tmp_path):
    program = tmp_path / "spawns.py"
    program.write_text(SPAWNS.format(paths=sys.path, store=store.url, rows=ROWS, options=OPTIONS))
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == expected[0]


def test_a_stream_s_state_is_a_dataset_s_too(rows, expected):
    stream = stream_of(rows, 25, **OPTIONS)
    for _ in range(4):
        next(stream)
    assert [batch.tolist() for batch in dataset(rows).resume(stream.state())] == expected[0][4:]
    stream.close()


def test_tensors_are_streamed_as_tensors():
    for value in (torch.arange(100), torch.arange(100, dtype=torch.bfloat16)):
        batches = list(steppe.stream(value, 30))
        assert torch.equal(torch.cat(batches), value)
    assert all(isinstance(batch["y"], torch.Tensor) for batch in steppe.stream({"y": np.arange(9)}, 3).torch())


def test_what_is_the_stream_s_own_is_not_the_loader_s(rows):
    with pytest.raises(UsageError, match=r"loader\(batch_size=…\): the stream makes the batches"):
        dataset(rows).loader(batch_size=3)
    with pytest.raises(UsageError, match="the items of a list come as a list"):
        steppe.stream(["a", "b"], 1).torch()
    with pytest.raises(UsageError, match=r"PyTorch has no numbers of type <U1"):
        next(iter(steppe.stream(np.array(["a", "b"]), 1, as_="torch")))
