"""What an execution has cost, at the prices that the project has set."""

from __future__ import annotations

from steppe.settings import Prices
from steppe.types import StepRun

HOUR = 3600.0
GIB = 2.0**30


def took(execution: StepRun) -> float:
    """Return the seconds that an execution took."""
    return execution.seconds or max((execution.ended or execution.started) - execution.started, 0.0)


def cost(execution: StepRun, prices: Prices) -> float | None:
    """Return what an execution has cost; None where no price is set.

    Cores and memory cost for as long as the execution took, by what was asked for or, where it used more, by what it
    used: what is set aside for a step is paid for though it stands idle. GPUs cost by what was asked for. Each node of
    several costs the same.
    """
    if not (prices.cpu or prices.memory or prices.gpu):
        return None
    hours = took(execution) / HOUR
    hours_of_all = hours * execution.asked.nodes
    core_hours = max(execution.asked.cpu * hours_of_all, execution.used.get("cpu_seconds", 0.0) / HOUR)
    gib_hours = max(float(execution.asked.memory or 0), execution.used.get("memory", 0.0)) / GIB * hours_of_all
    return prices.cpu * core_hours + prices.memory * gib_hours + prices.gpu * execution.asked.gpu * hours_of_all
