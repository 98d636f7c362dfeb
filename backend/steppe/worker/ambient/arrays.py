"""Settings of what computes with arrays: NumPy, scikit-learn, PyTorch."""

from __future__ import annotations

import sys
from typing import Any

from steppe.worker.ambient.adapter import Adapter, Settings, differing


class NumPy(Adapter):
    """How NumPy prints, and what it does at errors."""

    name, module = "numpy", "numpy"
    printing = {
        "edgeitems": 3,
        "threshold": 1000,
        "floatmode": "maxprec",
        "precision": 8,
        "suppress": False,
        "linewidth": 75,
        "nanstr": "nan",
        "infstr": "inf",
        "sign": "-",
        "formatter": None,
        "legacy": False,
        "override_repr": None,
    }
    errors = {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}

    def read(self) -> Settings:
        """Return what differs from NumPy's defaults."""
        numpy = sys.modules["numpy"]
        found = {f"print {name}": value for name, value in differing(numpy.get_printoptions(), self.printing)}
        return found | {f"error {name}": value for name, value in differing(numpy.geterr(), self.errors)}

    def write(self, settings: Settings) -> None:
        """Set the options, and the others back."""
        numpy = sys.modules["numpy"]
        printing, errors = dict(self.printing), dict(self.errors)
        for name, value in settings.items():
            kind, _, option = name.partition(" ")
            (printing if kind == "print" else errors)[option] = value
        known = numpy.get_printoptions()
        numpy.set_printoptions(**{name: value for name, value in printing.items() if name in known})
        numpy.seterr(**errors)


class ScikitLearn(Adapter):
    """scikit-learn's `set_config`."""

    name, module = "sklearn", "sklearn"

    def read(self) -> Settings:
        """Return what differs from the defaults."""
        module: Any = sys.modules["sklearn._config"]
        return dict(differing(module.get_config(), module._global_config))  # noqa: SLF001

    def write(self, settings: Settings) -> None:
        """Set the configuration."""
        module: Any = sys.modules["sklearn._config"]
        module.set_config(**{**module._global_config, **settings})  # noqa: SLF001


class Torch(Adapter):
    """PyTorch's default dtype, determinism, and whether gradients are computed."""

    name, module = "torch", "torch"

    def read(self) -> Settings:
        """Return what differs from the defaults."""
        torch = sys.modules["torch"]
        now = {
            "default dtype": str(torch.get_default_dtype()).removeprefix("torch."),
            "deterministic": torch.are_deterministic_algorithms_enabled(),
            "gradients": torch.is_grad_enabled(),
            "matmul precision": torch.get_float32_matmul_precision(),
        }
        return dict(differing(now, self.usual))

    usual = {"default dtype": "float32", "deterministic": False, "gradients": True, "matmul precision": "highest"}

    def write(self, settings: Settings) -> None:
        """Set them."""
        torch = sys.modules["torch"]
        now = {**self.usual, **self.read()}
        setters = {
            "default dtype": lambda value: torch.set_default_dtype(getattr(torch, value)),
            "deterministic": torch.use_deterministic_algorithms,
            "gradients": torch.set_grad_enabled,
            "matmul precision": torch.set_float32_matmul_precision,
        }
        for name, value in {**self.usual, **settings}.items():
            if now[name] != value:
                setters[name](value)
