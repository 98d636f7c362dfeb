"""Threads that a step leaves running are told from our own, and from those of pools."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from steppe.threads import OurThread
from steppe.worker.execution import goes_on


@pytest.fixture
def over():
    event = threading.Event()
    yield event
    event.set()


def test_a_thread_and_a_timer_of_the_user_s_go_on(over):
    thread = threading.Thread(target=lambda: over.wait(), daemon=True)
    thread.start()
    timer = threading.Timer(60, over.set)
    timer.start()
    assert goes_on(thread)
    assert goes_on(timer)
    timer.cancel()
    timer.join()
    assert not goes_on(timer)


def test_our_own_threads_and_a_pool_s_do_not(over):
    timer = threading.Timer(60, over.set)
    timer.name = "steppe-git"  # ends a git that takes too long, while a step may run
    timer.start()
    ours = OurThread(target=over.wait, name="steppe-samples", daemon=True)
    ours.start()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        assert not any(map(goes_on, [timer, ours, *pool._threads]))
    timer.cancel()
