"""Downloads one source distribution as it is, through pip. Owns all that is known here of pip's insides.

`pip download --no-binary` would run the package's build back end for its metadata, which needs compilers and Meson;
only the file is wanted. So this asks pip's own finder and session: they know the user's index, certificates, proxies.

Run as a program of its own, so that pip's logging and patches stay out of the caller:
`python sdist.py NAME VERSION FOLDER`.
"""

from __future__ import annotations

import sys
from pathlib import Path


def download(name: str, version: str, folder: Path) -> Path:
    """Put the source distribution of `name` at `version` into `folder` and return where it is."""
    try:
        from pip._internal.commands.download import DownloadCommand
        from pip._vendor.packaging.specifiers import SpecifierSet
    except ImportError as error:
        raise SystemExit(
            f"{sys.executable} has no usable pip ({error}): install the dependency group `corpus`."
        ) from None
    command = DownloadCommand("download", "Download a source distribution.")
    with command.main_context():
        options, _ = command.parse_args(["--no-binary", ":all:", name])
        session = command.get_default_session(options)
        finder = command._build_package_finder(options, session)
        best = finder.find_best_candidate(name, SpecifierSet(f"=={version}")).best_candidate
        if best is None:
            raise SystemExit(f"the package index has no source distribution of {name} {version}.")
        target = folder / best.link.filename
        partial = target.with_name(f"{target.name}.part")
        with session.get(
            best.link.url_without_fragment, headers={"Accept-Encoding": "identity"}, stream=True
        ) as answer:
            answer.raise_for_status()
            with partial.open("wb") as file:
                for chunk in answer.iter_content(1 << 20):
                    file.write(chunk)
    partial.replace(target)
    return target


if __name__ == "__main__":
    print(download(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
