"""Clients in native code are watched while a step is traced, and are what they were before it and after it."""

import threading

import psycopg
import pytest

from steppe.worker.native import watch_natives
from steppe.worker.trace import tracing, unseen


def ask():
    psycopg.Cursor.execute(object(), "select 1")


def test_what_is_said_to_a_server_is_outside_of_what_can_be_known():
    before = psycopg.Cursor.execute, psycopg.Connection.__init__
    with tracing((watch_natives,)) as trace, pytest.raises(AttributeError):
        ask()
    assert trace.outside == ["it connects with psycopg"]
    assert (psycopg.Cursor.execute, psycopg.Connection.__init__) == before


def test_what_steppe_itself_asks_of_its_catalog_belongs_to_no_step():
    def quietly():
        with pytest.raises(AttributeError):
            ask()

    with tracing((watch_natives,)) as trace:
        with unseen():
            quietly()
        thread = threading.Thread(target=quietly, name="steppe-claims")
        thread.start()
        thread.join()
    assert trace.outside == []
