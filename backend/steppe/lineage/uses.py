"""Which executions used a thing: a file, a package. The Catalog knows it of steps, this of executions."""

from __future__ import annotations

from steppe.catalog import Catalog, StepRunFilter, Use, every
from steppe.catalog.facts import facts
from steppe.types import Digest, State

APART = ("/usr/", "/etc/", "/opt/", "/lib", "/proc/", "/sys/", "/dev/")
"""Where a machine's own files are, which are no data of anybody's."""


def file_id(path: str, version: Digest) -> str:
    """Return the id of a file with a content among nodes."""
    return f"file:{path}@{version}"


def is_apart(path: str) -> bool:
    """Tell whether a file is the machine's own, or an interpreter's: of no interest to a lineage."""
    return path.startswith(APART) or "/site-packages/" in path or path.endswith((".py", ".pyc", ".so"))


def users_of(catalog: Catalog, kind: str, name: str, version: Digest | None = None, *, before: str = "") -> list[str]:
    """Return the executions that used a thing: every one, and not only each step's latest.

    Args:
        catalog: the project's.
        kind: a Use's kind.
        name: the thing's name.
        version: in this version alone.
        before: executions of later ids are left out; all, where it is empty.
    """
    found: dict[str, None] = {}
    for use in every_use(catalog, kind, name, version):
        which = StepRunFilter(notebook=use.step.notebook, step=use.step.name, part=use.part, states=(State.SUCCEEDED,))
        after: str | None = None
        while True:
            page = catalog.step_runs.list(which, after=after, limit=200)
            wholes = catalog.step_runs.wholes(run.id for run in page.items)
            found |= {run.id: None for run in wholes.values() if (kind, name, use.version) in facts(run)}
            after = page.next
            if after is None:
                break
    return [id_ for id_ in sorted(found) if not before or id_ < before]


def every_use(catalog: Catalog, kind: str, name: str, version: Digest | None = None) -> list[Use]:
    """Return the steps that were ever seen to use a thing."""
    return list(every(lambda after: catalog.lineage.using(kind, name, version, after=after, limit=500)))
