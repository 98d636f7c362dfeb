"""What an execution has cost: what was set aside for it, or what it used where that is more."""

import os

import pytest

from steppe.errors import UsageError
from steppe.lineage.cost import cost
from steppe.settings import Prices, load_project
from steppe.testing.catalog.made import step_run
from steppe.types import Resources

HOUR, GIB = 3600.0, 2**30


def test_without_prices_there_is_no_cost():
    assert cost(step_run(seconds=HOUR), Prices(currency="EUR")) is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, 1.0),
        ({"asked": Resources(cpu=4)}, 4.0),
        ({"used": {"cpu_seconds": 2 * HOUR}}, 2.0),
        ({"asked": Resources(cpu=4), "used": {"cpu_seconds": 2 * HOUR}}, 4.0),
        ({"asked": Resources(memory=3 * GIB)}, 31.0),
        ({"asked": Resources(memory=GIB), "used": {"memory": 2.0 * GIB}}, 21.0),
        ({"asked": Resources(gpu=2)}, 201.0),
        ({"asked": Resources(gpu=2, memory=GIB, nodes=3)}, 633.0),
    ],
)
def test_what_was_asked_for_costs_and_what_was_used_where_that_is_more(fields, expected):
    prices = Prices(cpu=1, memory=10, gpu=100)
    assert cost(step_run(seconds=HOUR, **fields), prices) == pytest.approx(expected)


def test_an_execution_that_failed_has_cost_as_long_as_it_lasted():
    assert cost(step_run(started=100.0, ended=100.0 + HOUR, seconds=0.0), Prices(cpu=2)) == pytest.approx(2.0)


def test_prices_are_a_table_of_the_settings(tmp_path):
    settings = tmp_path / "pyproject.toml"
    settings.write_text('[tool.steppe.prices]\ncpu = 0.04\ngpu = 2\ncurrency = "EUR"\n')
    assert load_project(tmp_path, {}).settings.prices == Prices(cpu=0.04, gpu=2.0, currency="EUR")
    for wrong, said in (("cpu = -1", "prices.cpu"), ("disk = 1", "disk"), ("cpu = 'dear'", "prices.cpu")):
        settings.write_text(f"[tool.steppe.prices]\n{wrong}\n")
        with pytest.raises(UsageError, match=said):
            load_project(tmp_path, os.environ)
