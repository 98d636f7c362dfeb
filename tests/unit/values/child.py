"""What tests run in a process of its own."""

import json
import sys

from specimens import FAMILIES, family, version_of


def print_versions() -> None:
    """Print the version of every specimen as JSON."""
    found = {}
    for name in FAMILIES:
        found[name] = {key: version_of(make) for key, make in family(name).items()}
    sys.stdout.write(json.dumps(found))
