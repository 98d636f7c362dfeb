"""`make changelog VERSION=1.2.3`: gather the fragments of changelog.d into CHANGELOG.md."""

from __future__ import annotations

import datetime as dt
import re
import sys
from pathlib import Path

KINDS = ("added", "changed", "fixed", "removed")
NAME = re.compile(rf"[a-z0-9-]+\.({'|'.join(KINDS)})\.md")


def fragments(folder: Path) -> dict[str, list[Path]]:
    """Return the fragments by kind.

    Raises:
        SystemExit: a file there is named otherwise.
    """
    found: dict[str, list[Path]] = {kind: [] for kind in KINDS}
    for path in sorted(folder.glob("*")):
        if path.name == "README.md":
            continue
        named = NAME.fullmatch(path.name)
        if named is None:
            sys.exit(f"{path}: name it TOPIC.KIND.md, with KIND of {', '.join(KINDS)}")
        found[named[1]].append(path)
    return found


def main(version: str, root: Path) -> None:
    """Write the section of a version above those before it."""
    found = fragments(root / "changelog.d")
    lines = [f"## {version} ({dt.datetime.now(dt.UTC).date()})", ""]
    for kind, paths in found.items():
        if paths:
            lines += [
                f"### {kind.capitalize()}",
                "",
                *(f"- {' '.join(path.read_text().split())}" for path in paths),
                "",
            ]
    file = root / "CHANGELOG.md"
    head, mark, rest = file.read_text().partition("\n## ")
    file.write_text(f"{head.rstrip()}\n\n" + "\n".join(lines) + (mark + rest if mark else ""))
    for paths in found.values():
        for path in paths:
            path.unlink()


if __name__ == "__main__":
    main(sys.argv[1], Path(__file__).parents[1])
