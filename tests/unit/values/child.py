"""What tests run in a process of its own."""

import json
import sys
from pathlib import Path

import msgspec
from specimens import FAMILIES, family, version_of
from value_notebook import as_main, pack, store_in


def print_versions() -> None:
    """Print the version of every specimen as JSON."""
    found = {}
    for name in FAMILIES:
        found[name] = {key: version_of(make) for key, make in family(name).items()}
    sys.stdout.write(json.dumps(found))


def store_specimens(folder: str, names: tuple[str, ...]) -> None:
    """Store the specimens of families, and print their Parts as MessagePack."""
    store = store_in(Path(folder))
    found = {}
    for name in names:
        for key, make in family(name).items():
            value, book = make()
            as_main(book)
            found[key] = pack(book, store, value=value)
    sys.stdout.buffer.write(msgspec.msgpack.encode(found))
