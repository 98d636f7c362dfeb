"""Ambient state: settings that live outside of variables and change what code does. One small adapter for each owner.

An adapter reads what differs from its owner's defaults, as a flat dict, and writes such a dict so that just it holds.
So what a notebook has set is the same text in a kernel, a worker and a pod, whenever the library was imported.
"""

from __future__ import annotations

import decimal
import locale
import logging
import os
import sys
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from steppe.worker.patches import Patches
from steppe.worker.probes import is_secret

Settings = dict[str, Any]


class Adapter(ABC):
    """One owner of ambient state.

    Attributes:
        name: how it is called in explanations.
        module: the module that must be loaded for it to have state.
        in_key: whether its settings are part of every later key.
    """

    name = ""
    module = ""
    in_key = True

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


class Folder(Adapter):
    """The working directory."""

    name, module = "cwd", "os"

    def __init__(self) -> None:
        self.start = os.getcwd()

    def read(self) -> Settings:
        """Return the directory where it is not the one that the kernel began in."""
        here = os.getcwd()
        return {} if here == self.start else {"cwd": os.path.relpath(here, self.start)}

    def write(self, settings: Settings) -> None:
        """Go there."""
        os.chdir(os.path.normpath(os.path.join(self.start, settings.get("cwd", "."))))


class Variables(Adapter):
    """Variables of the environment. They count where a step is seen reading them, so they are in no key themselves."""

    name, module, in_key = "environment", "os", False

    def __init__(self) -> None:
        self.start = dict(os.environ)
        self._raw = dict(os.environ._data)  # type: ignore[attr-defined]  # noqa: SLF001  # as in `read`

    def read(self) -> Settings:
        """Return variables that were set (None: removed) since the start; secrets by their names alone."""
        now = os.environ._data  # type: ignore[attr-defined]  # noqa: SLF001  # a read that must not be traced
        if now == self._raw:
            return {}
        decode = os.fsdecode
        found: Settings = {}
        for raw, value in now.items():
            name = decode(raw)
            if self.start.get(name) != decode(value):
                found[name] = _Secret if is_secret(name) else decode(value)
        for name in self.start:
            if os.fsencode(name) not in now:
                found[name] = None
        return found

    def write(self, settings: Settings) -> None:
        """Set and remove variables."""
        for name in set(self.read()) - set(settings):
            if name in self.start:
                os.environ[name] = self.start[name]
            else:
                os.environ.pop(name, None)
        for name, value in settings.items():
            if value is None:
                os.environ.pop(name, None)
            elif value is not _Secret:
                os.environ[name] = value


_Secret = ("steppe", "secret")


class SearchPath(Adapter):
    """`sys.path`. Modules count by their content, wherever they are found, so the path itself is in no key."""

    name, module, in_key = "sys.path", "sys", False

    def __init__(self) -> None:
        self.start = list(sys.path)

    def read(self) -> Settings:
        """Return the path where it is not what it was at the start."""
        return {} if sys.path == self.start else {"path": list(sys.path)}

    def write(self, settings: Settings) -> None:
        """Set the path."""
        sys.path[:] = settings.get("path", self.start)


class Warnings(Adapter):
    """Filters of `warnings` that the user's code set; those that libraries set when they are imported do not count."""

    name, module = "warnings", "warnings"

    def __init__(self) -> None:
        self.start = list(warnings.filters)
        self.from_libraries: list[Any] = []
        self.patches = Patches()
        self._wrap("filterwarnings")
        self._wrap("simplefilter")

    def _wrap(self, name: str) -> None:
        original = getattr(warnings, name)

        def wrapped(*args: Any, **options: Any) -> None:
            before = list(warnings.filters)
            original(*args, **options)
            if _is_library(sys._getframe(1).f_code.co_filename):  # noqa: SLF001  # who asks is the question
                self.from_libraries += [item for item in warnings.filters if item not in before]

        wrapped.__name__ = wrapped.__qualname__ = name
        wrapped.__doc__, wrapped.__module__, wrapped.__wrapped__ = original.__doc__, "warnings", original  # type: ignore[attr-defined]
        self.patches.put(warnings, name, wrapped)

    def read(self) -> Settings:
        """Return the filters, first to last, as plain data."""
        mine = [item for item in warnings.filters if item not in self.start and item not in self.from_libraries]
        gone = [item for item in self.start if item not in warnings.filters]
        found: Settings = {}
        if mine:
            found["filters"] = [_plain_filter(item) for item in mine]
        if gone:
            found["removed"] = ALL if len(gone) == len(self.start) else [_plain_filter(item) for item in gone]
        return found

    def write(self, settings: Settings) -> None:
        """Put the user's filters before all others."""
        gone = settings.get("removed", [])
        if gone == ALL and self.read().get("removed") != ALL:
            warnings.resetwarnings()  # other processes begin with other filters, and libraries' are gone with them
        others = [item for item in warnings.filters if item in self.start or item in self.from_libraries]
        others += [item for item in self.start if item not in others and gone != ALL]
        kept = [item for item in others if _plain_filter(item) not in gone]
        warnings.filters[:] = [_filter(item) for item in settings.get("filters", [])] + kept  # type: ignore[index]
        getattr(warnings, "_filters_mutated", getattr(warnings, "_filters_mutated_lock_held", lambda: None))()


ALL = "all"
"""Said of removed filters where none is left of those that the process began with."""


def _is_library(file: str) -> bool:
    from steppe.worker.probes import LIBRARIES

    return file.startswith((*LIBRARIES, "<frozen"))


def _plain_filter(item: Any) -> tuple[Any, ...]:
    action, message, category, module, line = item
    texts = [getattr(pattern, "pattern", pattern) for pattern in (message, module)]
    return action, texts[0], category, texts[1], line


def _filter(item: Any) -> tuple[Any, ...]:
    import re

    action, message, category, module, line = item
    return (
        action,
        message and re.compile(message, re.IGNORECASE),
        category,
        module and re.compile(module),
        line,
    )


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
        found = {f"print {name}": value for name, value in _differing(numpy.get_printoptions(), self.printing)}
        return found | {f"error {name}": value for name, value in _differing(numpy.geterr(), self.errors)}

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


def _differing(now: dict[str, Any], usual: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in now.items() if name in usual and usual[name] != value]


class ScikitLearn(Adapter):
    """scikit-learn's `set_config`."""

    name, module = "sklearn", "sklearn"

    def read(self) -> Settings:
        """Return what differs from the defaults."""
        module: Any = sys.modules["sklearn._config"]
        return dict(_differing(module.get_config(), module._global_config))  # noqa: SLF001

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
        return dict(_differing(now, self.usual))

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


class Locale(Adapter):
    """The locale."""

    name, module = "locale", "locale"

    def __init__(self) -> None:
        self.start = locale.setlocale(locale.LC_ALL)

    def read(self) -> Settings:
        """Return the locale where it is not what it was at the start."""
        now = locale.setlocale(locale.LC_ALL)
        return {} if now == self.start else {"locale": now}

    def write(self, settings: Settings) -> None:
        """Set it."""
        locale.setlocale(locale.LC_ALL, settings.get("locale", self.start))


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
            if not _is_library(sys._getframe(1).f_code.co_filename):  # noqa: SLF001  # who asks is the question
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
            import json

            names = {name: value for name, value in settings.items() if name.startswith("POLARS")}
            direct = {name: value for name, value in settings.items() if not name.startswith("POLARS")}
            config.load(json.dumps({"environment": names, "direct": direct}))


KINDS: tuple[Callable[[], Adapter], ...] = (
    Folder,
    Variables,
    SearchPath,
    Warnings,
    Locale,
    Levels,
    Decimal,
    DecimalFlags,
    NumPy,
    Pandas,
    Matplotlib,
    Pyplot,
    ScikitLearn,
    Torch,
    Plotly,
    Polars,
)


class Ambient:
    """The ambient state of this process, through its adapters. Made when the kernel or the worker starts.

    Attributes:
        start: the working directory at that time.
        adapters: the adapters by name.
    """

    def __init__(self) -> None:
        self.start = os.getcwd()
        self.adapters = {adapter.name: adapter for adapter in (kind() for kind in KINDS)}

    def forget(self) -> None:
        """Follow changes no more: the session is over."""
        for adapter in self.adapters.values():
            if isinstance(adapter, Levels | Warnings):
                adapter.patches.undo()

    @property
    def environ_at_start(self) -> dict[str, str]:
        """The environment at that time."""
        variables = self.adapters[Variables.name]
        assert isinstance(variables, Variables)
        return variables.start

    def read(self) -> dict[str, Settings]:
        """Return what differs from the defaults, by adapter; adapters with nothing to say left out."""
        found = {}
        for name, adapter in self.adapters.items():
            if adapter.loaded and (settings := adapter.read()):
                found[name] = settings
        return found

    def write(self, changes: dict[str, Settings]) -> None:
        """Make these adapters' settings hold exactly; a library that is not loaded is imported for it."""
        for name, settings in changes.items():
            adapter = self.adapters[name]
            if not adapter.loaded:
                __import__(adapter.module)
            adapter.write(settings)
