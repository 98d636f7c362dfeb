"""Levels of loggers."""

from __future__ import annotations

import logging
import sys
from typing import Any

from steppe.worker.ambient.adapter import Adapter, Settings, is_library
from steppe.worker.patches import Patches


class Levels(Adapter):
    """Levels of loggers that the user's code set, and what is disabled altogether."""

    name, module = "logging", "logging"

    def __init__(self) -> None:
        self._start: Settings = {}
        self.patches = Patches()
        original = logging.Logger.setLevel

        def set_level(logger: logging.Logger, level: Any) -> None:
            before = logger.level
            original(logger, level)
            if not is_library(sys._getframe(1).f_code.co_filename):  # noqa: SLF001  # who asks is the question
                self._start.setdefault(logger.name, before)

        set_level.__wrapped__ = original  # type: ignore[attr-defined]
        set_level.__name__, set_level.__doc__ = "setLevel", original.__doc__
        self.patches.put(logging.Logger, "setLevel", set_level)

    def read(self) -> Settings:
        """Return the levels that are not what they were before the user's code set them."""
        found: Settings = {
            name: logging.getLogger(name).level
            for name, level in self._start.items()
            if logging.getLogger(name).level != level
        }
        if logging.root.manager.disable:
            found["everything below"] = logging.root.manager.disable
        return found

    def write(self, settings: Settings) -> None:
        """Set the levels."""
        logging.disable(settings.get("everything below", 0))
        for name in set(self._start) | set(settings) - {"everything below"}:
            logger = logging.getLogger(name)
            level: Any = settings.get(name, self._start.get(name, logger.level))
            self._start.setdefault(name, logger.level)
            if logger.level != level:
                logger.level = level
                logger.manager._clear_cache()  # type: ignore[attr-defined]  # noqa: SLF001  # as `setLevel` does
