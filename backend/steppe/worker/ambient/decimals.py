"""The decimal context, and what was signalled in it."""

from __future__ import annotations

import decimal

from steppe.worker.ambient.adapter import Adapter, Settings


class Decimal(Adapter):
    """The decimal context."""

    name, module = "decimal", "decimal"
    fields = ("prec", "rounding", "Emin", "Emax", "capitals", "clamp")

    def read(self) -> Settings:
        """Return what differs from the default context."""
        now, usual = decimal.getcontext(), decimal.DefaultContext
        found: Settings = {
            name: getattr(now, name) for name in self.fields if getattr(now, name) != getattr(usual, name)
        }
        traps = sorted(signal.__name__ for signal, on in now.traps.items() if on)
        if traps != sorted(signal.__name__ for signal, on in usual.traps.items() if on):
            found["traps"] = traps
        return found

    def write(self, settings: Settings) -> None:
        """Set the context."""
        now, usual = decimal.getcontext(), decimal.DefaultContext
        for name in self.fields:
            setattr(now, name, settings.get(name, getattr(usual, name)))
        for signal in now.traps:
            now.traps[signal] = signal.__name__ in settings["traps"] if "traps" in settings else usual.traps[signal]


class DecimalFlags(Adapter):
    """What decimal arithmetic has signalled so far. Few look at it, so it is in no key; a step leaves it as it did."""

    name, module, in_key = "decimal flags", "decimal", False

    def read(self) -> Settings:
        """Return the signals that were raised."""
        raised = sorted(signal.__name__ for signal, on in decimal.getcontext().flags.items() if on)
        return {"flags": raised} if raised else {}

    def write(self, settings: Settings) -> None:
        """Set them."""
        flags = decimal.getcontext().flags
        for signal in flags:
            flags[signal] = signal.__name__ in settings.get("flags", ())
