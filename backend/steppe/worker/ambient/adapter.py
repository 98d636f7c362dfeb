"""The seam: one owner of ambient state, read and written."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from typing import Any

from steppe.worker.askers import LIBRARIES

Settings = dict[str, Any]


class Adapter(ABC):
    """One owner of ambient state.

    Attributes:
        name: how it is called in explanations.
        module: the module that must be loaded for it to have state.
        in_key: whether its settings are part of every later key.
        noticed: whether a step that runs meanwhile may come out otherwise for a change.
    """

    name = ""
    module = ""
    in_key = True
    noticed = True

    @property
    def loaded(self) -> bool:
        """Tell whether the owner is imported, to the end."""
        module = sys.modules.get(self.module)
        return module is not None and not getattr(getattr(module, "__spec__", None), "_initializing", False)

    @abstractmethod
    def read(self) -> Settings:
        """Return what differs from the defaults."""

    @abstractmethod
    def write(self, settings: Settings) -> None:
        """Make exactly these settings differ from the defaults."""

    def change(self, before: Settings, after: Settings) -> Settings | None:  # noqa: ARG002  # others need both
        """Return what is written where a step has changed the settings; None where that is nothing."""
        return after


def differing(now: dict[str, Any], usual: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return the names and values that are not as usual."""
    return [(name, value) for name, value in now.items() if name in usual and usual[name] != value]


def is_library(file: str) -> bool:
    """Tell whether a file is a library's, not the user's."""
    return file.startswith((*LIBRARIES, "<frozen"))
