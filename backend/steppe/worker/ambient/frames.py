"""Settings of what holds tables: pandas, polars."""

from __future__ import annotations

import json
import sys
from typing import Any

from steppe.worker.ambient.adapter import Adapter, Settings


class Pandas(Adapter):
    """Options of pandas."""

    name, module = "pandas", "pandas"

    def __init__(self) -> None:
        self._options: list[tuple[str, dict[str, Any], str, Any]] = []
        self._known = 0

    def _list(self) -> list[tuple[str, dict[str, Any], str, Any]]:
        """Return name, holder, last part of the name and default of each option; more may be registered later."""
        config = sys.modules["pandas"]._config.config  # noqa: SLF001  # `describe_option` gives text
        registered = config._registered_options  # noqa: SLF001
        if len(registered) != self._known:
            self._known, self._options = len(registered), []
            for name, option in registered.items():
                holder: Any = config._global_config  # noqa: SLF001
                *path, last = name.split(".")
                for part in path:
                    holder = holder[part]
                if name not in PANDAS_AUTO:
                    self._options.append((name, holder, last, option.defval))
        return self._options

    def read(self) -> Settings:
        """Return the options that differ from their defaults."""
        return {
            name: holder[last]
            for name, holder, last, usual in self._list()
            if holder[last] is not usual and holder[last] != usual
        }

    def write(self, settings: Settings) -> None:
        """Set the options, and the others back."""
        pandas = sys.modules["pandas"]
        for name in set(self.read()) - set(settings):
            pandas.reset_option(f"^{name}$")
        for name, value in settings.items():
            pandas.set_option(name, value)


PANDAS_AUTO = frozenset({"compute.use_numexpr", "compute.use_bottleneck", "io.excel.xlsx.writer"})


class Polars(Adapter):
    """polars' Config."""

    name, module = "polars", "polars"

    def read(self) -> Settings:
        """Return what is set."""
        state = sys.modules["polars"].Config.state(if_set=True)
        return {name: value for name, value in state.items() if self.usual.get(name, None) != value}

    usual = {
        "set_fmt_float": "mixed",
        "set_thousands_separator": "",
        "set_decimal_separator": ".",
        "set_trim_decimal_zeros": False,
    }

    def write(self, settings: Settings) -> None:
        """Set it; what was set before is taken back."""
        config = sys.modules["polars"].Config
        config.restore_defaults()
        if settings:
            names = {name: value for name, value in settings.items() if name.startswith("POLARS")}
            direct = {name: value for name, value in settings.items() if not name.startswith("POLARS")}
            config.load(json.dumps({"environment": names, "direct": direct}))
