"""A rehearsal leaves nothing behind that the task which comes could see."""

import json
import subprocess
import sys

PROGRAM = """
import builtins, gc, importlib.machinery, json, linecache, locale, logging, os, random, signal, sys, threading, warnings
import numpy
from steppe.values import rebuild
from steppe.worker.rehearsal import rehearse
from steppe.worker.shell import make_shell

shell = make_shell(lambda _: None)
Environ = type(os.environ)

def state():
    return {
        "variables": dict(shell.user_ns),
        "shell": {name: value for name, value in vars(shell).items() if name not in ("_logger", "_trait_values")},
        "count": shell.execution_count,
        "last": shell._trait_values.get("last_execution_result"),
        "interactivity": shell.ast_node_interactivity,
        "flags": shell.compile.flags,
        "files": dict(shell.compile._filename_map),
        "hook": dict(vars(shell.displayhook)),
        "events": {name: list(calls) for name, calls in shell.events.callbacks.items()},
        "builtins": dict(vars(builtins)),
        "streams": (sys.stdout, sys.stderr, sys.displayhook, sys.excepthook),
        "loader": importlib.machinery.SourceFileLoader.exec_module,
        "finders": (list(sys.meta_path), list(sys.path)),
        "warnings": (warnings.filterwarnings, warnings.simplefilter, list(warnings.filters)),
        "levels": (logging.Logger.setLevel, logging.root.level, logging.root.manager.disable),
        "probes": (os.stat, os.lstat, os.access, os.readlink, Environ.__getitem__, Environ.__iter__),
        "environ": dict(os.environ),
        "folder": os.getcwd(),
        "random": (random.seed, random.setstate, random.getstate()),
        "numpy": (numpy.random.seed, numpy.random.set_state, repr(numpy.random.get_state())),
        "sources": list(rebuild.SOURCES),
        "lines": set(linecache.cache),
        "signals": [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)],
        "threads": threading.active_count(),
        "locale": locale.setlocale(locale.LC_ALL),
        "main": sys.modules["__main__"],
        "gc": gc.isenabled(),
    }

record = None
before = state()
for _ in range(2):
    record = rehearse()
after = state()
changed = [name for name in before if before[name] != after[name]]
print(json.dumps([record.status, record.reasons, changed]), file=sys.__stdout__)
"""


def test_a_rehearsal_runs_whole_and_leaves_its_process_as_it_was():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    status, reasons, changed = json.loads(done.stdout.splitlines()[-1])
    assert (status, reasons) == ("succeeded", [])
    assert changed == []
