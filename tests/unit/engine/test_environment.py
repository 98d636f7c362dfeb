"""Which distributions a step's code needs, as their metadata tells."""

import subprocess
import sys
from importlib.metadata import Distribution

import pytest
from packaging.requirements import InvalidRequirement, Requirement

from steppe.engine.environment import Distributions, normalized

NEWER = f"{sys.version_info[0]}.{sys.version_info[1] + 1}"
LINES = [
    "needed",
    "needed>=1.2,<3",
    "needed (>=1.2, !=1.5.*)",
    "needed[one,two]~=2.0",
    "Needed_.x == 1.0+local",
    "needed>=1; extra == 'test'",
    'needed (>=1.2) ; (python_version > "3") and (extra == "test")',
    "needed; (os_name == 'posix' or os_name == 'nt') and extra == 'test'",
    "needed; extra == 'test' or os_name == 'posix'",
    "needed; os_name == 'posix'",
    f"needed; python_version >= '{NEWER}'",
    f"needed; python_version < '{NEWER}'",
    "needed; extra == ''",
    "needed; extra != 'test'",
    "needed @ https://host.invalid/needed;part=1.whl",
    "needed @ https://host.invalid/needed.whl ; extra == 'test'",
    "needed @ https://host.invalid/needed.whl ; os_name == 'posix'",
    "needed; nothing == 'known'",
    "needed; platform_version == \"extra == 'test'\"",
    "missing>=1",
    "missing; os_name == 'posix'",
    ">=1",
    "",
]


class _Told(Distribution):
    """A distribution that requires what it is told to."""

    def __init__(self, line):
        self.line = line

    def read_text(self, filename):
        return f"Name: wanting\nRequires-Dist: {self.line}\n\n" if filename == "METADATA" else None

    def locate_file(self, path):
        return path


def as_packaging_says(lines, installed):
    for line in lines:
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue
        name = normalized(requirement.name)
        if name in installed and (requirement.marker is None or requirement.marker.evaluate({"extra": ""})):
            yield name


@pytest.mark.parametrize("line", LINES)
def test_a_requirement_is_read_as_packaging_reads_it(line, monkeypatch):
    distributions = Distributions()
    installed = dict.fromkeys(["needed", "needed-x"]) | {"wanting": _Told(line)}
    monkeypatch.setattr(distributions, "_installed", installed)
    assert list(distributions._requirements("wanting")) == list(as_packaging_says([line], installed))


def test_all_that_is_installed_here_is_read_as_packaging_reads_it():
    distributions = Distributions()
    distributions.installed([])
    installed = distributions._installed
    for name, distribution in installed.items():
        assert list(distributions._requirements(name)) == list(
            as_packaging_says(distribution.requires or (), installed)
        )


def test_a_step_that_uses_numpy_waits_for_no_import_of_packaging_or_asyncio():
    program = """
import sys
import numpy
from steppe.engine import resolve
from steppe.engine.environment import Distributions
found, _ = Distributions().closure(["numpy"], {})
print(*(item.name for item in found), *({"packaging", "asyncio"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["numpy"]
