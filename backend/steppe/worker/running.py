"""What runs in this context: the step whose code it is. Light: a call of a step that is only traced goes by it."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

RUNNING: ContextVar[Any] = ContextVar("steppe_running", default=None)
"""The step that runs here: one of the engine's, or a call that is traced; None outside of steps."""
