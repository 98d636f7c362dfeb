"""Settings of what draws: Matplotlib, Plotly."""

from __future__ import annotations

import sys

from steppe.worker.ambient.adapter import Adapter, Settings


class Matplotlib(Adapter):
    """`matplotlib.rcParams`, but for what says where figures are shown."""

    name, module = "matplotlib", "matplotlib"
    left_out = frozenset({"backend", "backend_fallback", "interactive", "toolbar"})

    def read(self) -> Settings:
        """Return the parameters that differ from those that Matplotlib started with."""
        matplotlib = sys.modules["matplotlib"]
        start = dict(dict.items(matplotlib.rcParamsOrig))
        return {
            name: value
            for name, value in dict.items(matplotlib.rcParams)
            if start.get(name) is not value and start.get(name) != value and name not in self.left_out
        }

    def write(self, settings: Settings) -> None:
        """Set the parameters, and the others back."""
        matplotlib = sys.modules["matplotlib"]
        for name in set(self.read()) - set(settings):
            dict.__setitem__(matplotlib.rcParams, name, dict.__getitem__(matplotlib.rcParamsOrig, name))
        for name, value in settings.items():
            dict.__setitem__(matplotlib.rcParams, name, value)


class Pyplot(Adapter):
    """Whether pyplot has settled on its backend: the first figure does, and lets the shell show figures as values."""

    name, module, in_key = "pyplot", "matplotlib.pyplot", False

    def read(self) -> Settings:
        """Tell that it has."""
        return {"settled": True} if self._settled() else {}

    def write(self, settings: Settings) -> None:
        """Let it settle as the first figure would."""
        if settings and not self._settled():
            sys.modules["matplotlib.pyplot"].switch_backend(sys.modules["matplotlib"].get_backend())

    def _settled(self) -> bool:
        return getattr(sys.modules["matplotlib.pyplot"], "_backend_mod", None) is not None


class Plotly(Adapter):
    """Plotly's default template."""

    name, module = "plotly", "plotly.io"

    def read(self) -> Settings:
        """Return the template's name where it is not Plotly's."""
        now = sys.modules["plotly.io"].templates.default
        return {} if now == "plotly" else {"template": now}

    def write(self, settings: Settings) -> None:
        """Set it."""
        sys.modules["plotly.io"].templates.default = settings.get("template", "plotly")
