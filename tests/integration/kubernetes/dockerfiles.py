"""A Dockerfile read as a build reads it, as far as ours go, and its RUN steps carried out without one."""

import json
import re
import shlex
from pathlib import Path

from tests.integration.kubernetes.sandbox import PYTHON, Container

INSTRUCTIONS = frozenset(
    [
        "ADD",
        "ARG",
        "CMD",
        "COPY",
        "ENTRYPOINT",
        "ENV",
        "EXPOSE",
        "FROM",
        "HEALTHCHECK",
        "LABEL",
        "ONBUILD",
        "RUN",
        "SHELL",
        "STOPSIGNAL",
        "USER",
        "VOLUME",
        "WORKDIR",
    ]
)


def instructions(text):
    """Return the instructions, with their arguments; a line's end after a backslash joins it with the next."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n", " ", "\n".join(lines))
    found = [tuple(line.split(None, 1)) for line in joined.splitlines() if line.strip()]
    assert {name for name, _ in found} <= INSTRUCTIONS, found
    assert found[0][0] == "FROM", found
    return found


def flags(argument):
    """Return the flags of an instruction, and the rest of it."""
    found = []
    while argument.startswith("--"):
        flag, argument = argument.split(None, 1)
        found.append(flag)
    return found, argument.strip()


def carried_out(text, folder, context, environ):
    """Carry out what a Dockerfile says in an empty `/opt`, kept in `folder`; return the environment that it sets.

    Its base is the image that this interpreter would be in, and `environ` stands for the secrets of the build.
    """
    told = {"PATH": f"{PYTHON}:/usr/bin:/bin", "HOME": "/tmp"}
    (folder / "opt").mkdir(parents=True)
    for number, (name, argument) in enumerate(instructions(text)):
        _, rest = flags(argument)
        if name == "COPY":
            *sources, target = json.loads(rest)
            to = folder / target.strip("/")
            to.mkdir(parents=True, exist_ok=True)
            for source in sources:
                (to / Path(source).name).write_bytes((context / source).read_bytes())
        elif name == "ENV":
            key, _, value = rest.partition("=")
            told[key] = shlex.split(value)[0].replace(f"${key}", told.get(key, ""))
        elif name == "RUN":
            mounts = [(folder / "opt", "/opt")]
            log = folder / f"{number}.log"
            code = Container("build", ["sh", "-c", rest], {**told, **environ}, mounts, log).wait()
            assert code == 0, (rest, log.read_text())
    return told
