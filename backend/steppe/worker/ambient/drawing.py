"""Settings of what draws: Matplotlib, Plotly."""

from __future__ import annotations

import sys
from typing import Any

from steppe.worker.ambient.adapter import Adapter, Settings


class Matplotlib(Adapter):
    """`matplotlib.rcParams`, but for what says where figures are shown.

    Held against the parameters that Matplotlib comes with, not against those that it started with: a `matplotlibrc` in
    the working directory or at home is read while it is imported, mostly by a cell that is no step, and a worker that
    was forked elsewhere has not read the same one.
    """

    name, module = "matplotlib", "matplotlib"
    left_out = frozenset({"backend", "backend_fallback", "interactive", "toolbar"})

    def read(self) -> Settings:
        """Return the parameters that differ from those that Matplotlib comes with."""
        matplotlib = sys.modules["matplotlib"]
        usual = dict(dict.items(matplotlib.rcParamsDefault))
        return {
            name: value
            for name, value in dict.items(matplotlib.rcParams)
            if usual.get(name) is not value and usual.get(name) != value and name not in self.left_out
        }

    def write(self, settings: Settings) -> None:
        """Set the parameters, and the others back."""
        matplotlib = sys.modules["matplotlib"]
        for name in set(self.read()) - set(settings):
            dict.__setitem__(matplotlib.rcParams, name, dict.__getitem__(matplotlib.rcParamsDefault, name))
        for name, value in settings.items():
            dict.__setitem__(matplotlib.rcParams, name, value)


class Styles(Adapter):
    """Styles of Matplotlib that it does not come with: read from the user's folder at the import, or put there."""

    name, module = "matplotlib.style", "matplotlib.style"

    def read(self) -> Settings:
        """Return the parameters of each of them."""
        usual, now = self._libraries()
        return {name: dict(dict.items(style)) for name, style in now.items() if usual.get(name) is not style}

    def write(self, settings: Settings) -> None:
        """Put them there, and no others."""
        usual, now = self._libraries()
        now.clear()
        now.update(usual)
        for name, style in settings.items():
            now[name] = params = sys.modules["matplotlib"].RcParams()
            dict.update(params, style)

    @staticmethod
    def _libraries() -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the styles that Matplotlib comes with, and those that there are."""
        module = sys.modules["matplotlib.style"]
        core = module if hasattr(module, "_base_library") else sys.modules["matplotlib.style.core"]
        return core._base_library, module.library  # noqa: SLF001  # nothing public says which styles are its own


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
