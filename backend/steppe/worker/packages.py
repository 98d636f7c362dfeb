"""The packages of a step where it runs: those that are there, where they fit, else an environment made by uv.

An environment holds only what does not fit; everything else, Steppe too, it has from the interpreter that made it. It
lies in a folder that others may share, under a name of all that it depends on, and is there whole or not at all.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.metadata
import os
import re
import shutil
import site
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping

import msgspec
from blake3 import blake3

from steppe.errors import CannotMove
from steppe.types import Struct
from steppe.worker.below import BELOW, MARK, Below

LONGEST = 300
"""Characters of what uv says that are handed on."""

OUT_OF_REACH = re.compile(
    r"error sending request|client error \(connect\)|dns error|connection refused|network is unreachable|timed out"
    r"|network (connectivity )?(is|was) disabled",
    re.IGNORECASE,
)
"""What uv says where it can't ask an index; it goes on to other reasons, which follow from that one."""


class Packages(Struct, frozen=True, kw_only=True):
    """What a key says of the packages that a step needs, with all that these require.

    Attributes:
        python: the version of Python, as `3.12`; empty where it does not matter.
        versions: by the distributions' names.
    """

    python: str = ""
    versions: dict[str, str] = {}


def misfits(wanted: Packages) -> dict[str, str]:
    """Return the packages that are not here as they are wanted: by name, the version that is here, or nothing.

    Raises:
        CannotMove: this is another Python.
    """
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    if wanted.python not in ("", python):
        raise CannotMove(
            f"its image has Python {python}, and the kernel {wanted.python}: take an image with the kernel's Python"
        )
    found = {}
    for name, version in wanted.versions.items():
        here = _installed(name)
        if here != version:
            found[name] = here
    return found


def _installed(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def said(found: Mapping[str, str], wanted: Packages) -> str:
    """Say what does not fit, in words: the first few."""
    first = sorted(found)[:3]
    parts = [
        f"{name} {found[name]} where the kernel has {wanted.versions[name]}"
        if found[name]
        else f"no {name} {wanted.versions[name]}"
        for name in first
    ]
    more = len(found) - len(first)
    return ", ".join(parts) + (f" and {more} more" if more else "")


def interpreter(wanted: Packages, folder: str, tell: Callable[[str], None]) -> str:
    """Return the interpreter to run with; nothing where it is this one.

    Args:
        wanted: what the step needs.
        folder: where environments are kept.
        tell: told what takes a while, in words.

    Raises:
        CannotMove: the packages are not here, and can't be had; says why.
    """
    found = misfits(wanted)
    if not found:
        return ""
    lines = sorted(f"{name}=={wanted.versions[name]}" for name in found)
    if BELOW.prefix:
        raise CannotMove(f"an environment was made for it, {sys.prefix}, and still it has {said(found, wanted)}")
    uv = shutil.which("uv")
    if uv is None:
        raise CannotMove(
            f"its image has {said(found, wanted)}, and no uv to make an environment with: take an image with what the "
            "kernel has, or one with uv"
        )
    place = os.path.join(folder, name_of(lines))
    python = os.path.join(place, "bin", "python")
    if not os.path.exists(place):
        tell(f"an environment with {', '.join(lines[:3])}{' …' if len(lines) > 3 else ''}, which its image has not")
        try:
            os.makedirs(folder, exist_ok=True)
            with alone(f"{place}.lock"):
                if not os.path.exists(place):
                    make(uv, place, lines)
        except UvFailed as error:
            raise CannotMove(_explained(error, lines)) from error
        except OSError as error:
            raise CannotMove(
                f"its image has {said(found, wanted)}, and an environment can't be made in {folder}: {error.strerror}"
            ) from error
    return python


def name_of(lines: list[str]) -> str:
    """Return the name of the environment with these packages: a digest of them, and of the interpreter below."""
    below = [sys.version, sys.executable, sysconfig.get_platform(), *_sites()]
    return blake3(msgspec.json.encode([lines, below])).hexdigest()[:40]


@contextlib.contextmanager
def alone(path: str) -> Iterator[None]:
    """Keep others from making the same meanwhile; where a disk has no locks, it may be made twice, but never half."""
    with open(path, "ab") as lock:
        with contextlib.suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class UvFailed(Exception):
    """uv can't do what it was asked: what it says, and whether it could not reach an index."""

    def __init__(self, told: str) -> None:
        super().__init__(told)
        self.told = told
        self.out_of_reach = OUT_OF_REACH.search(told) is not None


def make(uv: str, place: str, lines: list[str]) -> None:
    """Make an environment beside its place, and put it there once it is whole.

    Raises:
        UvFailed: it has not what it is asked for.
        OSError: the disk refuses.
    """
    fresh = f"{place}.{os.getpid()}-{os.urandom(4).hex()}"
    environ = {"UV_CACHE_DIR": os.path.join(os.path.dirname(place), "cache"), **os.environ}
    python = os.path.join(fresh, "bin", "python")
    try:
        run([uv, "venv", "--quiet", "--no-project", "--python", sys.executable, fresh], environ)
        run([uv, "pip", "install", "--quiet", "--no-deps", "--python", python, *lines], environ)
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        below = f"import site; list(map(site.addsitedir, {_sites()!r}))\n"
        with open(os.path.join(fresh, "lib", version, "site-packages", "steppe-below.pth"), "w") as file:
            file.write(below)
        with open(os.path.join(fresh, MARK), "wb") as mark:
            mark.write(msgspec.json.encode(Below(packages=tuple(lines), prefix=sys.prefix, sites=tuple(_sites()))))
        _put(fresh, place)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _put(fresh: str, place: str) -> None:
    """Give an environment its place, unless another has been put there meanwhile."""
    try:
        os.rename(fresh, place)
    except OSError:
        if not os.path.exists(place):
            raise


def _sites() -> list[str]:
    """Return the folders that this interpreter has its packages in."""
    users = [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    return [path for path in (*site.getsitepackages(), *users) if os.path.isdir(path)]


def run(command: list[str], environ: Mapping[str, str]) -> None:
    """Run uv.

    Raises:
        UvFailed: it can't do it; says why.
    """
    done = subprocess.run(command, env=environ, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        raise UvFailed(" ".join(done.stderr.split()).removeprefix("error: "))


def _explained(error: UvFailed, lines: list[str]) -> str:
    """Say why an image can't have the packages."""
    if error.out_of_reach:
        return (
            f"its image lacks {', '.join(lines[:3])}, and uv there reaches no package index: take an image with what "
            "the kernel has, or tell uv of an index that pods reach, with its "
            f"variables (UV_…) in `environment` of the step's profile. uv says: {error.told[:LONGEST]}"
        )
    named = [line for line in lines if line.partition("==")[0] in error.told] or lines
    return (
        f"its image lacks {', '.join(named[:3])}, and uv can't install {'it' if len(named) == 1 else 'them'} there: "
        f"{error.told[:LONGEST]}"
    )
