"""A Dockerfile from a lock: an image whose packages are the kernel's, so that its pods make no environments."""

from __future__ import annotations

import importlib.metadata
import json
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from blake3 import blake3

from steppe.engine.environment import normalized
from steppe.errors import UsageError
from steppe.types import Struct

MARK = re.compile(r"# Written by `steppe image` \((?P<digest>[0-9a-f]{40})\)")
"""How the first line of a Dockerfile begins that we have written: with the digest of the lines below."""

IMAGE = re.compile(r"[A-Za-z0-9][\w.-]*(:\d+)?(/[\w.-]+)*(:[\w.-]+)?(@sha256:[0-9a-f]{64})?", re.ASCII)
WHEEL = re.compile(r"(?P<name>[^-/]+)-(?P<version>[^-]+)(-\d[^-]*)?-[^-]+-[^-]+-[^-]+\.whl$")
PIN = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)\s*(?P<rest>(==|@|\[).+)", re.ASCII | re.DOTALL)

PLACE = "/opt/steppe"
"""The environment in the image."""

BEGIN = """\
# {about}.
# Build it and push it:
#     docker build --tag IMAGE {context}
# and name it in pyproject.toml: [tool.steppe.profiles.kubernetes] image = "IMAGE". Nothing of the project is in
# it: modules and files go along with each step. Where packages come from an index of your own, give the build
# what says so as secrets, which stay out of the image: --secret id=uv,src=uv.toml --secret id=pip,src=pip.conf
FROM {base}
USER 0
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \\
    python -m pip install --no-cache-dir --root-user-action=ignore {uv}
RUN python -c 'import sys; sys.version_info[:2] == {version} or sys.exit("its base has not Python {python}")' && \\
    uv venv --quiet --no-project --python "$(command -v python)" {place}
"""
END = """\
# The standard library's bytecode too: a pod may not write it, and a worker starts the sooner.
RUN {place}/bin/python -m compileall -q -x '/(site-packages|dist-packages|tests?|lib2to3)/' \\
    "$({place}/bin/python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"
ENV PATH={place}/bin:$PATH
USER 1000:1000
"""


class Recipe(Struct, frozen=True, kw_only=True):
    """What an image is made of.

    Attributes:
        base: the image that it begins with.
        python: Python's version, as `3.12`.
        about: where the packages come from, in words.
        lines: what uv is told to install, each with its version.
        wheels: paths of those that are files, in the folder of the Dockerfile.
        left_out: packages of the lock that no index has, and where they come from.
    """

    base: str
    python: str
    about: str
    lines: tuple[str, ...]
    wheels: tuple[str, ...] = ()
    left_out: dict[str, str] = {}


def recipe(
    packages: Mapping[str, str],
    python: str,
    about: str,
    *,
    base: str = "",
    beside: Iterable[str] = (),
    without: Iterable[str] = (),
    origin: Callable[[str, str], str] | None = None,
) -> Recipe:
    """Say what an image with these packages is made of.

    Args:
        packages: versions by names.
        python: Python's version.
        about: where they come from, in words.
        base: the image to begin with; Python's own when not given.
        beside: what is installed in place of what the lock has: paths of wheels, `NAME==VERSION`, `NAME @ URL`.
        without: names that are left out.
        origin: tells where a distribution of that name and version came from; empty for an index.

    Raises:
        UsageError: it can't be an image that runs steps.
    """
    minor = ".".join(python.split(".")[:2])
    base = base or f"python:{minor}-slim"
    if not IMAGE.fullmatch(base):
        raise UsageError(f"--base: {base!r} is no name of an image, such as python:{minor}-slim.")
    given = dict(_given(each) for each in beside)
    dropped = {normalized(name) for name in without}
    unknown = sorted(dropped - packages.keys())
    if unknown:
        raise UsageError(f"--without {unknown[0]}: the lock has no such package.")
    lines, left_out = {}, {}
    for name, version in packages.items():
        if name in given or name in dropped:
            continue
        came = (origin or came_from)(name, version)
        if came.startswith(("http://", "https://", "git+", "hg+", "svn+", "bzr+")):
            lines[name] = f"{name} @ {came}"
        elif came:
            left_out[name] = came
        else:
            lines[name] = f"{name}=={version}"
    lines |= given
    if "steppe" not in lines:
        raise UsageError(_no_steppe(left_out))
    return Recipe(
        base=base,
        python=minor,
        about=about,
        lines=tuple(lines[name] for name in sorted(lines)),
        wheels=tuple(sorted(each for each in lines.values() if WHEEL.search(each) and " @ " not in each)),
        left_out=left_out,
    )


def _given(text: str) -> tuple[str, str]:
    """Return the name of what is given with --with, and what uv is told."""
    wheel = WHEEL.search(text)
    if wheel is not None and "@" not in text:
        return normalized(wheel["name"]), text
    pin = PIN.fullmatch(text.strip())
    if pin is None:
        raise UsageError(f"--with {text!r}: give the path of a wheel, NAME==VERSION, or NAME @ URL.")
    return normalized(pin["name"]), text.strip()


def _no_steppe(left_out: Mapping[str, str]) -> str:
    make = "`--with steppe==VERSION`, or `--with` and the path of a wheel of it"
    if "steppe" in left_out:
        return f"Steppe itself is installed from {left_out['steppe']} here, which no image can have: give {make}."
    return f"the lock has no Steppe, without which no step runs: give {make}."


def came_from(name: str, version: str) -> str:
    """Return where a distribution that is installed here came from, where that is no index: a URL, or a folder."""
    try:
        distribution = importlib.metadata.distribution(name)
        text = distribution.read_text("direct_url.json") if distribution.version == version else None
        told: dict[str, Any] = json.loads(text or "{}")
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return ""
    url = str(told.get("url") or "")
    if "vcs_info" in told:
        part = f"#subdirectory={told['subdirectory']}" if told.get("subdirectory") else ""
        return f"{told['vcs_info'].get('vcs', 'git')}+{url}@{told['vcs_info'].get('commit_id', '')}{part}"
    return url.removeprefix("file://")


def written(made: Recipe, name: str = "Dockerfile") -> str:
    """Return the Dockerfile.

    Args:
        made: what the image is made of.
        name: what the file is called.
    """
    uv = next((line for line in made.lines if line.startswith("uv==")), "uv")
    begin = BEGIN.format(
        about=made.about,
        context=f"--file {shlex.quote(name)} ." if made.wheels else f"- < {shlex.quote(name)}",
        base=made.base,
        uv=uv,
        python=made.python,
        version=f"({made.python.replace('.', ', ')})",
        place=PLACE,
    )
    parts = [begin]
    parts += [f"# Not in it: {name}, which came from {came}.\n" for name, came in made.left_out.items()]
    if made.wheels:
        parts.append(f"COPY {json.dumps([*made.wheels, '/opt/wheels/'])}\n")
    words = [f"/opt/wheels/{line.rpartition('/')[2]}" if line in made.wheels else line for line in made.lines]
    install = f"uv pip install --quiet --no-cache --no-deps --compile-bytecode --python {PLACE}/bin/python"
    rest = " \\\n    ".join([install, *map(shlex.quote, words)])
    parts.append(f"RUN --mount=type=secret,id=uv,target=/etc/uv/uv.toml \\\n    {rest}\n")
    body = "".join([*parts, END.format(place=PLACE)])
    return f"# Written by `steppe image` ({_digest(body)}), and written over unless it is changed by hand.\n{body}"


def is_ours(text: str) -> bool:
    """Tell whether a Dockerfile is as we have written it."""
    first, _, body = text.partition("\n")
    mark = MARK.match(first)
    return mark is not None and mark["digest"] == _digest(body)


def _digest(body: str) -> str:
    return blake3(body.encode()).hexdigest()[:40]
