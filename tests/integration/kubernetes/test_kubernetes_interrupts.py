"""The stop button while a step runs in a pod, in a real kernel: people are asked, and nothing is lost unasked."""

import queue
import time

import pytest

from tests.integration.kernel.front_end import Kernel
from tests.integration.kubernetes.test_kubernetes_kernels import wait_for
from tests.integration.kubernetes.test_kubernetes_steps import SETTINGS, made, running

STEP = """%%step slow on=kubernetes wait=true
import time
print('on', flush=True)
for _ in range({tenths}):
    time.sleep(0.1)
value = 42
value
"""


@pytest.fixture
def kernel(fake, tmp_path):
    project, store = tmp_path / "project", tmp_path / "store"
    project.mkdir()
    store.mkdir()
    (project / "pyproject.toml").write_text(SETTINGS.format(store=store))
    begun = Kernel(environ={"IPYTHONDIR": str(tmp_path / ".ipython")})
    yield begun.begin(project)
    begun.close()


def wait_for_output(kernel, asked, text):
    """Take the messages of a cell until it has shown a text."""
    until = time.monotonic() + 60
    while True:
        assert time.monotonic() < until
        try:
            message = kernel.client.get_iopub_msg(timeout=0.1)
        except queue.Empty:
            continue
        if message["parent_header"].get("msg_id") == asked and text in str(message["content"].get("text", "")):
            return


def question_of(kernel):
    message = kernel.client.stdin_channel.get_msg(timeout=30)
    assert message["msg_type"] == "input_request"
    return message["content"]["prompt"]


def begun(kernel, fake, tenths, *, stdin):
    asked = kernel.send(STEP.format(tenths=tenths), stdin=stdin)
    wait_for_output(kernel, asked, "on")
    running(fake)
    kernel.manager.interrupt_kernel()
    return asked


def claims(kernel):
    return kernel.value("[claim.label for claim in get_ipython().steppe_cells.session.catalog.claims.all()]")


HOW = (
    "`slow` goes on running on kubernetes: run this cell again, or read what it binds, to attach to it; "
    "`%steppe cancel slow` ends it."
)


def test_who_can_be_asked_may_cancel(kernel, fake):
    asked = begun(kernel, fake, 6000, stdin=True)
    assert question_of(kernel) == "`slow` runs on kubernetes. Cancel it? [y: cancel, else it goes on] "
    kernel.client.input("y")
    ran = kernel.finish(asked)
    assert ran.outputs[-1]["ename"] == "KeyboardInterrupt"
    assert kernel.states() == ["cancelled"]
    assert claims(kernel) == "[]"
    wait_for(lambda: not fake.jobs and not fake.pods)


def test_no_leaves_it_running_and_the_same_cell_attaches_to_it(kernel, fake):
    asked = begun(kernel, fake, 30, stdin=True)
    question_of(kernel)
    kernel.client.input("")
    ran = kernel.finish(asked)
    assert ran.reply["status"] == "error"
    assert ran.outputs[-1]["ename"] == "KeyboardInterrupt"
    assert HOW in ran.text
    again = kernel.run(STEP.format(tenths=30))
    assert again.text.endswith("42\n"), again.text
    assert kernel.states() == ["succeeded", "hit"]
    assert made(fake) == 1


def test_where_nobody_can_be_asked_it_goes_on_and_what_it_binds_is_there_later(kernel, fake):
    asked = begun(kernel, fake, 20, stdin=False)
    ran = kernel.finish(asked)
    assert HOW in ran.text
    assert kernel.run("value + 1").text == "43\n"
    assert kernel.states() == ["succeeded"]
    assert made(fake) == 1
    assert claims(kernel) == "[]"


def test_what_was_left_running_can_be_cancelled(kernel, fake):
    kernel.finish(begun(kernel, fake, 6000, stdin=False))
    assert "slow" in claims(kernel)
    assert "slow: cancelled" in kernel.run("%steppe cancel slow").text
    wait_for(lambda: not fake.jobs and not fake.pods)
    assert claims(kernel) == "[]"


def test_a_second_interrupt_instead_of_an_answer_leaves_it_with_its_claim(kernel, fake):
    asked = begun(kernel, fake, 20, stdin=True)
    question_of(kernel)
    kernel.manager.interrupt_kernel()
    ran = kernel.finish(asked)
    assert HOW in ran.text
    assert kernel.states() == ["running"]
    assert "slow" in claims(kernel)
    assert kernel.run("value").text == "42\n"
    assert made(fake) == 1


def test_a_second_interrupt_while_it_is_cancelled_keeps_its_claim_until_its_worker_has_ended(kernel, fake):
    asked = kernel.send(STUBBORN, stdin=True)
    wait_for_output(kernel, asked, "on")
    kernel.manager.interrupt_kernel()
    question_of(kernel)
    kernel.client.input("yes")
    time.sleep(0.5)  # it is being cancelled, and its pod takes its time
    kernel.manager.interrupt_kernel()
    ran = kernel.finish(asked)
    assert ran.outputs[-1]["ename"] == "KeyboardInterrupt"
    assert "goes on" not in ran.text
    assert [pod["status"]["phase"] for pod in fake.pods] == ["Running"]
    assert "slow" in claims(kernel)
    kernel.run("%steppe wait")
    assert kernel.states() == ["cancelled"]
    wait_for(lambda: not fake.jobs and not fake.pods)
    assert claims(kernel) == "[]"


STUBBORN = """%%step slow on=kubernetes wait=true
import time
print('on', flush=True)
for _ in range(6000):
    try:
        time.sleep(0.1)
    except KeyboardInterrupt:
        pass
"""
