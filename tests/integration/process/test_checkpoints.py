"""`steppe.checkpoint()`: what a try saves, the next one finds, wherever it runs, and the cache stays sound."""

import os
import random
import shutil
import tempfile
import time
from pathlib import Path

import pytest

from steppe.errors import StoreUnavailable
from steppe.store import open_store
from steppe.worker import saved
from tests.integration.crash import kernels

TRAIN = """
import steppe, os
saved = steppe.checkpoint()
state = saved.load({{"n": 0, "w": [0.0]}})
began = state["n"]
for n in range(began, 6):
    state["w"].append(state["w"][-1] + 0.5)
    state["n"] = n + 1
    steppe.log_metric("w", state["w"][-1], step=n)
    saved.save(state, step=n)
    if n == 3 and not os.path.exists({flag!r}):
        open({flag!r}, "w").close()
        {end}
os.path.exists("nowhere")
total = sum(state["w"])
(began, total, saved.step)
"""
WHERE = ["on=inline", "on=process"]
ENDS = {"raises": 'raise ValueError("no")', "dies": "os.kill(os.getpid(), 9)"}


@pytest.fixture
def flag(tmp_path_factory):
    """A file in a folder that libraries keep their own affairs in: it does not count as a file that the step writes."""
    folder = Path(tempfile.mkdtemp(prefix="pymp-"))
    yield str(folder / "died")
    shutil.rmtree(folder)


def records(shell):
    return list(saved.all_records(shell.session.store))


@pytest.mark.parametrize(("where", "end"), [("on=inline", "raises"), ("on=process", "raises"), ("on=process", "dies")])
def test_a_step_that_is_run_again_goes_on_where_it_was(kernel, flag, where, end):
    shell, body = kernel(), TRAIN.format(flag=flag, end=ENDS[end])
    assert not shell.step("train", body, where).success
    assert len(records(shell)) == 1
    again = shell.step("train", body, where)
    assert again.success, shell.err
    assert again.result == (4, sum(n * 0.5 for n in range(7)), 5)
    assert records(shell) == []
    hit = shell.step("train", body, where)
    assert (shell.last.state, hit.result) == ("hit", again.result)
    metrics = shell.last.result.metrics
    assert [(each.step, each.value) for each in metrics] == [(n, (n + 1) * 0.5) for n in range(6)]


def test_retries_of_one_cell_and_another_executor_and_a_new_kernel_find_it(kernel, flag):
    shell, body = kernel(), TRAIN.format(flag=flag, end=ENDS["dies"])
    assert shell.step("train", body, "on=process retries=1").result[0] == 4
    os.unlink(flag)
    body = body.replace("0.5", "0.25")
    assert not shell.step("train", body).success
    assert kernel().step("train", body, "on=inline").result[0] == 4


def test_a_step_without_a_key_finds_it_in_its_own_retries_only(kernel, flag):
    shell, body = kernel(), TRAIN.format(flag=flag, end=ENDS["dies"])
    assert shell.step("train", body, "on=process cache=false retries=1").result[0] == 4
    assert records(shell) == []
    os.unlink(flag)
    assert not shell.step("train", body, "on=process cache=false").success
    assert shell.step("train", body, "on=process cache=false").result[0] == 0


@pytest.mark.parametrize("there", ["", "of the run before\n"])
def test_a_step_that_adds_to_a_log_goes_on_where_it_was(kernel, flag, tmp_path, there):
    """What it has added itself is no reason to begin anew."""
    shell = kernel()
    if there:
        (tmp_path / "log").write_text(there)
    adds = (
        "state = saved.load({{\"n\": 0, \"w\": [0.0]}})\nwith open('log', 'a') as log: q = log.write('try\\n')\ndel log"
    )
    body = TRAIN.replace('state = saved.load({{"n": 0, "w": [0.0]}})', adds).format(flag=flag, end=ENDS["dies"])
    assert not shell.step("train", body).success
    again = shell.step("train", body)
    assert again.success, shell.err
    assert again.result == (4, sum(n * 0.5 for n in range(7)), 5)
    assert (tmp_path / "log").read_text() == f"{there}try\ntry\n"


def test_other_code_and_other_inputs_begin_anew_and_so_does_a_step_that_is_refreshed(kernel, flag):
    shell, body = kernel(), TRAIN.format(flag=flag, end=ENDS["raises"])
    assert not shell.step("train", body).success
    assert shell.step("train", body.replace("0.5", "0.75")).result[0] == 0
    assert len(records(shell)) == 1
    shell.session.again.add("train")
    assert shell.step("train", body).result[0] == 0
    assert records(shell) == []


READS = """
import steppe
saved = steppe.checkpoint()
state = saved.load()
if state is None:
    state = {"rate": open("rate.txt").read(), "began": 0}
    open("log.txt", "w").write("begun with " + state["rate"])
    saved.save(state)
    if FAILS:
        raise ValueError("no")
rate = state["rate"]
"""


@pytest.mark.parametrize("where", WHERE)
def test_what_an_earlier_try_had_read_counts_for_the_result_and_what_it_wrote_comes_back(kernel, tmp_path, where):
    shell = kernel()
    (tmp_path / "rate.txt").write_text("0.1")
    body = READS.replace("FAILS", "True")
    assert not shell.step("train", body, where).success
    (tmp_path / "log.txt").unlink()
    # the same work, from its checkpoint: it reads no file itself
    assert shell.step("train", body, where).success
    assert shell["rate"] == "0.1"
    assert (tmp_path / "log.txt").read_text() == "begun with 0.1"
    assert {item.name for item in shell.last.result.trace if item.kind == "file"} == {"rate.txt"}
    (tmp_path / "log.txt").unlink()
    shell.step("train", body, where)
    assert shell.last.state == "hit"
    assert (tmp_path / "log.txt").exists()
    (tmp_path / "rate.txt").write_text("0.2")
    shell.step("train", body, where)
    assert shell.last.state != "hit"


@pytest.mark.parametrize("where", WHERE)
def test_a_checkpoint_is_not_used_where_a_file_that_it_came_from_has_changed(kernel, tmp_path, where):
    shell = kernel()
    (tmp_path / "rate.txt").write_text("0.1")
    body = READS.replace("FAILS", "open('rate.txt').read() == '0.1'")
    assert not shell.step("train", body, where).success
    (tmp_path / "rate.txt").write_text("0.2")
    assert shell.step("train", body, where).success
    assert shell["rate"] == "0.2"
    assert "rate.txt has changed" in shell.err


def test_one_that_was_damaged_gives_way_to_the_one_before_it(kernel, flag):
    shell, body = kernel(), TRAIN.format(flag=flag, end=ENDS["dies"]).replace("[0.0]", "[0.0] * 20_000")
    assert not shell.step("train", body).success
    store = shell.session.store
    (name,) = records(shell)
    store.delete(saved.read(store, name).last.value.blob)
    again = shell.step("train", body)
    assert again.result[0] == 3, shell.err
    assert "the one before it is taken" in shell.err


def test_only_the_last_two_are_kept_and_none_when_it_is_done(kernel, flag):
    shell, body = kernel(), TRAIN.format(flag=flag, end=ENDS["raises"]).replace("[0.0]", "[0.0] * 20_000")
    assert not shell.step("train", body).success
    store = shell.session.store
    (name,) = records(shell)
    needed = saved.read(store, name).blobs()
    assert len(needed) == 2
    assert needed <= {blob.digest for blob in store.blobs()}
    before = {blob.digest for blob in store.blobs()}
    assert shell.step("train", body).success
    assert not needed & {blob.digest for blob in store.blobs()}
    assert len(before) < 20


FILES = """
import steppe, os
saved = steppe.checkpoint("files")
there = saved.load_files("weights")
if not there:
    os.makedirs("weights/deep")
    open("weights/deep/a.bin", "wb").write(b"abc" * 1000)
    saved.save_files("weights", step=1)
    raise ValueError("no")
text = open("weights/deep/a.bin").read()
"""


@pytest.mark.parametrize("where", WHERE)
def test_a_folder_of_files_comes_back_and_is_the_steps_own(kernel, tmp_path, where):
    shell = kernel()
    assert not shell.step("train", FILES, where).success
    shutil.rmtree(tmp_path / "weights")
    assert shell.step("train", FILES, where).success, shell.err
    assert shell["text"] == "abc" * 1000
    shutil.rmtree(tmp_path / "weights")
    shell.step("train", FILES, where)
    assert shell.last.state == "hit"
    assert (tmp_path / "weights/deep/a.bin").exists()


def test_outside_of_a_step_nothing_is_kept_and_the_code_runs(kernel):
    shell = kernel()
    source = "import steppe\nc = steppe.checkpoint()\nc.save({'a': 1}, step=3)\n(c.load(7), c.step, c.kept, repr(c))"
    assert shell.run(source).result == (
        7,
        None,
        False,
        "<steppe checkpoint 'last', kept nowhere: no step that could find it again runs>",
    )
    assert shell.err == ""
    assert records(shell) == []


def test_what_cannot_be_stored_and_odd_names_are_refused_in_one_sentence(kernel):
    shell = kernel()
    result = shell.step("bad", "import steppe\nsteppe.checkpoint().save({'f': open('/dev/null')})")
    assert not result.success
    assert "checkpoint.save(): " in str(result.error_in_exec)
    result = shell.run("import steppe\nsteppe.checkpoint('a/b')")
    assert "such as 'fold-1'" in str(result.error_in_exec)


def test_a_store_that_is_full_costs_the_step_nothing_but_the_checkpoint(kernel, monkeypatch):
    shell = kernel()
    shell.run("import steppe")

    def full(*_):
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(shell.session.store, "replace_record", full)
    source = "c = steppe.checkpoint()\nc.save([1], step=1)\nc.save([2], step=2)\nc.step"
    assert shell.step("train", source, "on=inline").success
    assert "was not kept, and the one before it stays: the disk is full" in shell.err


TORCH = """
import steppe, torch
saved = steppe.checkpoint()
torch.manual_seed(7)
model = torch.nn.Linear(4, 1)
optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
state = saved.load()
if state is not None:
    model.load_state_dict(state["model"]); optimizer.load_state_dict(state["optimizer"])
    torch.set_rng_state(state["random"])
for epoch in range(state["epoch"] if state else 0, 5):
    x = torch.randn(16, 4)
    loss = ((model(x) - x.sum(1, keepdim=True)) ** 2).mean()
    optimizer.zero_grad(); loss.backward(); optimizer.step()
    saved.save({"epoch": epoch + 1, "model": model.state_dict(), "optimizer": optimizer.state_dict(),
                "random": torch.get_rng_state()}, step=epoch)
    if epoch == 2 and not END:
        raise ValueError("no")
loss = loss.item()
began = state["epoch"] if state else 0
"""


@pytest.mark.slow
def test_a_torch_training_that_goes_on_ends_at_the_same_loss(kernel, flag):
    shell = kernel()
    assert shell.step("straight", TORCH.replace("not END", "False")).success, shell.err
    straight = shell["loss"]
    body = TORCH.replace("not END", f"not __import__('os').path.exists({flag!r})")
    assert not shell.step("train", body).success
    open(flag, "w").close()
    assert shell.step("train", body).success, shell.err
    assert (shell["began"], shell["loss"]) == (3, straight)


KILLED = """%%step endless
import steppe, numpy
saved = steppe.checkpoint()
state = saved.load()
first = -1 if state is None else state["n"]
if state is not None:
    assert (state["data"] == first).all()
for n in range(first + 1, 10**9):
    saved.save({{"n": n, "data": numpy.full(50_000, n)}}, step=n)
    with open({flag!r}, "w") as file:
        file.write(str(n))
"""


@pytest.mark.slow
def test_killed_at_any_moment_the_last_one_is_whole_and_none_that_was_saved_is_lost(flag, tmp_path):
    (tmp_path / ".git").mkdir()
    environ = {"STEPPE_MACHINE": str(tmp_path), "IPYTHONDIR": str(tmp_path / ".ipython")}
    chance, before = random.Random(4), -1
    for _ in range(int(os.environ.get("STEPPE_KILLS", "12"))):
        kernel = kernels.Kernel(tmp_path, [KILLED.format(flag=flag)], **environ)
        until = time.monotonic() + 60
        while not os.path.exists(flag):  # it has saved at least once
            assert time.monotonic() < until, kernels.said(tmp_path)
            time.sleep(0.01)
        time.sleep(chance.uniform(0.0, 0.2))
        kernel.kill()
        with open(flag) as file:
            said = int(file.read() or -1)
        os.unlink(flag)
        store = open_store(str(tmp_path / ".steppe/store"), tmp_path / ".steppe/store")
        (name,) = saved.all_records(store)
        record = saved.read(store, name)
        assert record.last.step >= max(said, before)
        before = record.last.step
        for blob in record.blobs():
            store.verify(blob)
    assert before > 10
