"""What libraries and the process have been told by calls, and no adapter makes again: dialects, handlers, limits.

Only compared: a step after which it is another than before is not kept, for a hit would leave it as it was. What a
library tells another of its own accord, as it is imported or first used, is no affair of the step's.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from typing import Any

from steppe.worker.askers import LIBRARIES

State = dict[str, Any]
"""What was told, by what tells it."""


def of_users(value: Any) -> bool:
    """Tell whether a function, a class or an instance of a class comes from code of the user's; no for a constant."""
    value = getattr(value, "__func__", value)
    code = getattr(value, "__code__", None)
    if isinstance(code, types.CodeType):
        return not code.co_filename.startswith((*LIBRARIES, "<frozen"))
    kind = value if isinstance(value, type) else type(value)
    if kind.__module__ in ("builtins", "functools"):
        return False
    file = getattr(sys.modules.get(kind.__module__), "__file__", None)
    return kind.__module__ == "__main__" or bool(file and not file.startswith(LIBRARIES))


def _users(values: Any) -> list[Any]:
    """Return those that come from the user."""
    pairs = values.items() if isinstance(values, dict) else enumerate(values)
    return [(key, value) for key, value in pairs if of_users(value) or of_users(key)]


def _csv(csv: Any) -> State:
    names = ("delimiter", "quotechar", "doublequote", "escapechar", "lineterminator", "quoting", "skipinitialspace")
    dialects = {name: csv.get_dialect(name) for name in csv.list_dialects()}
    told = {
        name: [getattr(dialect, each) for each in (*names, "strict")]
        for name, dialect in dialects.items()
        if name not in ("excel", "excel-tab", "unix")
    }
    return {"register_dialect": told, "field_size_limit": csv.field_size_limit()}


def _sys(sys: Any) -> State:
    return {
        "setrecursionlimit": sys.getrecursionlimit(),
        "setswitchinterval": sys.getswitchinterval(),
        "set_int_max_str_digits": sys.get_int_max_str_digits(),
        "meta_path": _users(sys.meta_path),
        "path_hooks": _users(sys.path_hooks),
        "settrace": sys.gettrace() if of_users(sys.gettrace()) else None,
        "setprofile": sys.getprofile() if of_users(sys.getprofile()) else None,
    }


def _signal(signal: Any) -> State:
    handlers = {number: signal.getsignal(number) for number in signal.valid_signals()}
    plain = {number: each for number, each in handlers.items() if isinstance(each, int) or of_users(each)}
    return {"signal": plain, "setitimer": [signal.getitimer(number)[1] for number in range(3)]}


def _gc(gc: Any) -> State:
    return {"enable": gc.isenabled(), "set_threshold": gc.get_threshold(), "set_debug": gc.get_debug()}


def _os(os: Any) -> State:
    found: State = {"nice": os.getpriority(os.PRIO_PROCESS, 0)} if hasattr(os, "getpriority") else {}
    found["umask"] = _umask()
    if hasattr(os, "sched_getaffinity"):
        found["sched_setaffinity"] = os.sched_getaffinity(0)
    return found


def _umask() -> str:
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:
            return next((line for line in status if line.startswith("Umask:")), "")
    except OSError:
        return ""


def _mimetypes(mimetypes: Any) -> State:
    if not mimetypes.inited:
        mimetypes.init()
    return {"add_type": [dict(mimetypes.types_map), dict(mimetypes.common_types)]}


def _sqlite3(sqlite3: Any) -> State:
    return {"register_adapter": _users(sqlite3.adapters), "register_converter": _users(sqlite3.converters)}


def _logging(logging: Any) -> State:
    loggers = {name: each for name, each in logging.root.manager.loggerDict.items() if isinstance(each, logging.Logger)}
    told = {
        name: [*map(id, each.handlers), each.propagate, each.disabled, *map(id, each.filters)]
        for name, each in {"root": logging.root, **loggers}.items()
        if not _is_librarys(name)
    }
    usual = [[], True, False]
    return {
        "handlers": {name: each for name, each in told.items() if [each[:-2], *each[-2:]] != usual},
        "level of the root": logging.root.level,
        "addLevelName": dict(logging._levelToName),  # noqa: SLF001  # no function gives them
        "setLogRecordFactory": logging.getLogRecordFactory(),
        "setLoggerClass": logging.getLoggerClass(),
        "captureWarnings": logging._warnings_showwarning is not None,  # noqa: SLF001  # as above
    }


def _is_librarys(name: str) -> bool:
    file = getattr(sys.modules.get(name.partition(".")[0]), "__file__", None)
    return bool(file and file.startswith(LIBRARIES))


def _matplotlib(matplotlib: Any) -> State:
    found: State = {}
    if (colors := sys.modules.get("matplotlib.colors")) is not None:
        known = colors.colorConverter.colors
        found["set_color_codes"] = [known.get(code) for code in "bgrcmykw"]
    if "matplotlib.cm" in sys.modules:
        found["colormaps.register"] = list(matplotlib.colormaps)
    if (units := sys.modules.get("matplotlib.units")) is not None:
        found["units.registry"] = _users(units.registry)
    if (fonts := sys.modules.get("matplotlib.font_manager")) is not None and "fontManager" in vars(fonts):
        found["fontManager.addfont"] = len(fonts.fontManager.ttflist)
    return found


def _pandas(pandas: Any) -> State:
    base: Any = sys.modules["pandas.core.dtypes.base"]
    kinds = getattr(base, "_registry", None) or base.registry
    accessors = {
        kind.__name__: _users({name: vars(kind).get(name) and getattr(kind, name) for name in sorted(kind._accessors)})  # noqa: SLF001
        for kind in (pandas.DataFrame, pandas.Series, pandas.Index)
    }
    return {"register_extension_dtype": _users(kinds.dtypes), "register_dataframe_accessor": accessors}


def _numpy(numpy: Any) -> State:
    return {"seterrcall": numpy.geterrcall(), "setbufsize": numpy.getbufsize()}


def _torch(torch: Any) -> State:
    return {"set_num_threads": torch.get_num_threads(), "set_default_device": str(torch.get_default_device())}


def _resource(resource: Any) -> State:
    names = [name for name in dir(resource) if name.startswith("RLIMIT_")]
    return {"setrlimit": [resource.getrlimit(getattr(resource, name)) for name in names]}


def _policy(_asyncio: Any) -> State:
    policy = getattr(sys.modules.get("asyncio.events"), "_event_loop_policy", None)
    return {"set_event_loop_policy": policy if of_users(policy) else None}


def _multiprocessing(module: Any) -> State:
    return {"set_start_method": module.get_start_method(allow_none=True) or module.get_all_start_methods()[0]}


READERS: dict[str, Callable[[Any], State]] = {
    "abc": lambda abc: {"register": abc.get_cache_token()},
    "csv": _csv,
    "sys": _sys,
    "signal": _signal,
    "gc": _gc,
    "os": _os,
    "socket": lambda socket: {"setdefaulttimeout": socket.getdefaulttimeout()},
    "calendar": lambda calendar: {"setfirstweekday": calendar.firstweekday()},
    "copyreg": lambda copyreg: {"pickle": _users(copyreg.dispatch_table)},
    "mimetypes": _mimetypes,
    "xml.etree.ElementTree": lambda trees: {"register_namespace": dict(trees._namespace_map)},  # noqa: SLF001
    "sqlite3": _sqlite3,
    "logging": _logging,
    "time": lambda time: {"tzset": (time.tzname, time.timezone)},
    "threading": lambda threading: {"stack_size": threading.stack_size()},
    "resource": _resource,
    "multiprocessing": _multiprocessing,
    "asyncio": _policy,
    "matplotlib": _matplotlib,
    "pandas": _pandas,
    "numpy": _numpy,
    "torch": _torch,
}
"""What a module was told, by the module."""

SEEN = (
    *("csv.", "sys.setrecursionlimit", "sys.setswitchinterval", "sys.set_int_max_str_digits", "sys.meta_path"),
    *("sys.path_hooks", "sys.settrace", "sys.setprofile", "signal.signal", "signal.setitimer", "gc.enable"),
    *("gc.disable", "gc.set_threshold", "gc.set_debug", "os.umask", "os.nice", "os.sched_setaffinity"),
    *("socket.setdefaulttimeout", "calendar.setfirstweekday", "copyreg.pickle", "mimetypes."),
    *("xml.etree.ElementTree.register_namespace", "sqlite3.register_adapter", "sqlite3.register_converter"),
    *("logging.", "time.tzset", "threading.stack_size", "resource.setrlimit", "multiprocessing.set_start_method"),
    *("asyncio.set_event_loop_policy", "seaborn.set", "seaborn.reset", "matplotlib.colormaps.register"),
    *("matplotlib.font_manager.fontManager.addfont", "pandas.api.extensions", "numpy.seterrcall", "numpy.setbufsize"),
    *("torch.set_num_threads", "torch.set_default_device", "polars.Config", "numpy.random.", "random."),
    "unittest.mock.patch",
)
"""Beginnings of the paths of functions whose doing is seen here, or followed by an adapter."""


def home_of(path: str) -> str:
    """Return the module of READERS that something at a dotted path belongs to; empty where to none."""
    while path and path not in READERS:
        path = path.rpartition(".")[0]
    return path


def read(module: str) -> State:
    """Return what a module has been told; nothing of one that is not loaded, or does not say."""
    found = sys.modules.get(module)
    if found is None or getattr(getattr(found, "__spec__", None), "_initializing", False):
        return {}
    try:
        return READERS[module](found)
    except Exception:  # another version of a library may keep it elsewhere
        return {}
