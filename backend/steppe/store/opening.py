"""Which Store a setting means. Loads the library for object stores only where it means one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from steppe.errors import UsageError
from steppe.store.digest import digest_of
from steppe.store.local import LocalStore
from steppe.store.store import Store

REMOTE = ("s3", "s3a", "gs", "az", "azure", "abfs", "abfss")


def open_store(where: str | Path, local_tier: Path, *, options: Mapping[str, str] | None = None) -> Store:
    """Open the Store at a path or URL.

    Args:
        where: a path or a `file://` URL of a folder; or `s3://`, `gs://` or `az://`, a bucket and a folder in it.
        local_tier: the folder for copies of what is out of this machine. Each URL gets a folder of its own in it,
            since a copy says that the blob is in the store that it came from.
        options: settings of the object store, by obstore's names for them (`endpoint`, `region`, …); what is not
            given comes from its usual variables in the environment, such as AWS_ACCESS_KEY_ID.

    Raises:
        UsageError: the URL is of no kind that is known.
        StoreUnavailable: the store was made by another version of Steppe.
    """
    text = os.fspath(where)
    if "://" not in text:
        return LocalStore(text)
    url = urlsplit(text)
    if url.scheme == "file" and url.netloc in {"", "localhost"} and url.path:
        return LocalStore(unquote(url.path))
    if url.scheme not in REMOTE or not url.netloc:
        kinds = "a path, file:///folder, s3://bucket/folder, gs://bucket/folder or az://container/folder"
        raise UsageError(f"{text!r} is no place for a store: write {kinds}.")
    from steppe.store.objects import ObjectStore
    from steppe.store.tiered import TieredStore

    remote = ObjectStore.at(text.rstrip("/"), options or {})
    return TieredStore(LocalStore(local_tier / digest_of([remote.url.encode()])[3:19]), remote)
