"""Data versions are typed and canonical: the same for the same value in every process, another for any other."""

import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from specimens import FAMILIES, family, version_of

from steppe.errors import Unversionable

HERE = Path(__file__).parent


def versions_of(name: str) -> dict[str, str]:
    found = {}
    for key, make in family(name).items():
        try:
            found[key] = version_of(make)
        except Unversionable as error:
            raise AssertionError(f"{key} has no version: {error}") from error
    return found


@pytest.fixture(scope="module")
def versions() -> dict[str, dict[str, str]]:
    return {name: versions_of(name) for name in FAMILIES}


def test_no_two_specimens_have_the_same_version(versions):
    held = defaultdict(list)
    for found in versions.values():
        for name, version in found.items():
            held[version].append(name)
    assert [names for names in held.values() if len(names) > 1] == []


def test_versions_are_the_same_in_another_process_with_another_hash_seed(versions):
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    program = f"import sys; sys.path.insert(0, {str(HERE)!r}); import child; child.print_versions()"
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
    )
    there = json.loads(done.stdout)
    differ = [key for name, found in versions.items() for key, version in found.items() if there[name][key] != version]
    assert differ == []


def test_a_value_has_the_same_version_twice(versions):
    assert {name: versions_of(name) for name in FAMILIES} == versions
