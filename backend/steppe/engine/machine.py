"""What a run runs on: the machine, the container's image, and all that is installed, told at little cost."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterable, Mapping

from steppe.engine.environment import normalized

METADATA = re.compile(r"^(?P<name>.+?)-(?P<version>[^-]+)(-py[\d.]+)?\.(dist-info|egg-info|egg)$")


def machine() -> str:
    """Return what this machine is, in words: `Linux 6.1 x86_64, 8 processors, 31 GiB of memory`."""
    if not hasattr(os, "uname"):
        return ""
    system = os.uname()
    release = ".".join(re.findall(r"\d+", system.release)[:2])
    words = [f"{system.sysname} {release} {system.machine}", f"{os.cpu_count() or 1} processors"]
    with contextlib.suppress(ValueError, OSError):
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
        words.append(f"{memory:.3g} GiB of memory")
    return ", ".join(words)


IMAGES = ("STEPPE_IMAGE", "JUPYTER_IMAGE_SPEC", "JUPYTER_IMAGE")
"""The variables in which a container is told its own image; JupyterHub sets the last two."""


def image(environ: Mapping[str, str]) -> str:
    """Return the container image that this process runs in, where it was told."""
    return next((environ[name] for name in IMAGES if environ.get(name)), "")


def installed(path: Iterable[str]) -> dict[str, str]:
    """Return all distributions on a search path and their versions, as the names of their folders tell them.

    No file is read: to read the metadata of some hundred distributions takes a kernel a tenth of a second.
    """
    found: dict[str, str] = {}
    for place in path:
        with contextlib.suppress(OSError):
            for name in os.listdir(place or "."):
                told = METADATA.match(name)
                if told:
                    found.setdefault(normalized(told["name"]), told["version"])
    return dict(sorted(found.items()))


def requirements(path: Iterable[str] | None = None) -> bytes:
    """Return the complete lock: Python's version, and all that is installed, as a file of requirements."""
    python = ".".join(map(str, sys.version_info[:3]))
    lines = [f"{name}=={version}" for name, version in installed(sys.path if path is None else path).items()]
    return "\n".join([f"# Python {python}", *lines, ""]).encode()
