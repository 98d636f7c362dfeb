"""What else than names a notebook changes in its process: settings, generators, the working directory."""

from __future__ import annotations

import decimal
import logging
import os
import pathlib
import random
import sys
import warnings
from typing import Any

from .reader import Reader, class_name, mix

VOLATILE_VARIABLES = {
    "CORPUS_SUMMARY_FILE",
    "CORPUS_SUMMARY_SCRIPT",
    "JPY_PARENT_PID",
    "JPY_SESSION_NAME",
    "PWD",
    "OLDPWD",
}


def ambient(reader: Reader) -> dict[str, str]:
    """Return what else a notebook changes in its process, by name, each as a digest or a short text."""
    loaded = sys.modules.get
    variables = {name: value for name, value in os.environ.items() if name not in VOLATILE_VARIABLES}
    found = {
        "working directory": str(pathlib.Path.cwd()),
        "environment": reader.read(dict(sorted(variables.items())), ""),
        "sys.path": reader.read(list(sys.path), ""),
        "random": reader.read(random.getstate(), ""),
        "decimal context": repr(decimal.getcontext()),
        "warnings filters": mix(*(repr(each) for each in warnings.filters)),
        "logging": mix(
            logging.getLogger().level,
            [class_name(type(each)) for each in logging.getLogger().handlers],
            logging.root.manager.disable,
        ),
        "recursion limit": str(sys.getrecursionlimit()),
    }
    if module := loaded("locale"):
        found["locale"] = str(module.setlocale(module.LC_ALL))
    if module := loaded("numpy"):
        found["numpy.random"] = reader.read(module.random.get_state(), "")
        found["numpy print options"] = repr(sorted(module.get_printoptions().items(), key=str))
        found["numpy errors"] = repr(module.geterr())
    if (module := loaded("matplotlib")) and hasattr(module, "rcParams"):
        found["rcParams"] = mix(
            *(f"{key}={dict.__getitem__(module.rcParams, key)!r}" for key in sorted(module.rcParams))
        )
    if (module := loaded("matplotlib._pylab_helpers")) is not None:
        found["open figures"] = repr(sorted(module.Gcf.figs))
    if module := loaded("pandas"):
        found["pandas options"] = mix(*options_of(module))
    if module := loaded("sklearn"):
        found["sklearn configuration"] = repr(sorted(module.get_config().items()))
    return found


def options_of(pandas: Any) -> list[str]:
    """Return every option of pandas with its value."""
    from pandas._config import config

    return [
        f"{key}={pandas.get_option(key)!r}"
        for key in sorted(config._registered_options)
        if key not in config._deprecated_options
    ]
