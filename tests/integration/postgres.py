"""A PostgreSQL server of the tests' own, from Debian's package, in a folder of its own, on a unix socket alone."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest

_NUMBERS = count()


class Server:
    """A running server; each test takes a database of its own."""

    def __init__(self, folder: Path, address: str = "", password: str = "") -> None:
        self._folder = folder
        self._address, self._password = address, password

    def url(self, database: str = "postgres") -> str:
        if self._address:
            return f"postgresql://steppe:{self._password}@{self._address}/{database}"
        return f"postgresql://steppe@/{database}?host={self._folder}"

    def database(self) -> str:
        """Make a new, empty database and return its URL."""
        name = f"test_{os.getpid()}_{next(_NUMBERS)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server for the whole session."""
    with running() as server:
        yield server


@contextmanager
def running(address: str = "") -> Iterator[Server]:
    """Start a server, and stop it in the end.

    Args:
        address: of this machine, where it listens, too, for whoever knows the password; else on a unix socket alone.
    """
    found = programs()
    # Short, because a socket's path may have 107 characters; not pytest's folder, whose parents others may not enter.
    folder = Path(tempfile.mkdtemp(prefix="steppe-pg-"))
    data = folder / "data"
    try:
        _own(folder)
        _run(found / "initdb", "-D", data, "-U", "steppe", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        # No fsync: these tests end clients, not the server.
        settings = f"-c unix_socket_directories={folder} -c fsync=off -c max_connections=200"
        port, password = _free(address) if address else 5432, secrets.token_hex(16)
        settings += f" -c listen_addresses={address} -c port={port}"
        if address:
            with (data / "pg_hba.conf").open("a") as rules:
                rules.write("host all steppe all scram-sha-256\n")
        _run(found / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", settings, "start")
        try:
            if address:
                with psycopg.connect(f"{Server(folder).url()}&port={port}", autocommit=True) as connection:
                    connection.execute(f"ALTER ROLE steppe PASSWORD '{password}'")
            yield Server(folder, f"{address}:{port}" if address else "", password)
        finally:
            _run(found / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free(address: str) -> int:
    with socket.socket() as free:
        free.bind((address, 0))
        port: int = free.getsockname()[1]
    return port


def programs() -> Path:
    """Return the folder of the newest version's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).parent
    pytest.fail("these tests need PostgreSQL's programs: apt-get install -y postgresql", pytrace=False)


def _own(folder: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(folder, *_account())


def _run(*command: object) -> None:
    words = [str(word) for word in command]
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        user, group = _account()
        words = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", *words]
    # A file, not a pipe: the server inherits it, and a pipe would stay open as long as it runs.
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(
            words, stdout=said, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd="/", check=False
        )
        said.seek(0)
        if done.returncode:
            pytest.fail(f"{' '.join(words)} failed:\n{said.read()}", pytrace=False)


def _account() -> tuple[str, str]:
    import pwd

    try:
        pwd.getpwnam("postgres")
    except KeyError:
        return "nobody", "nogroup"
    return "postgres", "postgres"
