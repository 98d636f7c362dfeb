"""Steppe's part of the Jupyter server: what the front end asks, and what it is told as things change.

It reads the catalogs and stores of the projects below Jupyter's root folder; of its own it writes notes and tags alone.
Importing this module loads neither Tornado nor Steppe: the front end's build reads the schemas with nothing else
installed.
"""

from __future__ import annotations

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "steppe_server"}]


def _load_jupyter_server_extension(server: Any) -> None:
    from steppe_server.extension import load

    load(server)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "steppe-lab"}]
