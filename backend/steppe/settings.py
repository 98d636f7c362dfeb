"""Settings: `[tool.steppe]` in pyproject.toml, overridden by `STEPPE_*`; and where a project begins."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec

from steppe.errors import StoreUnavailable, UsageError
from steppe.types import Struct

MARKERS = ("pyproject.toml", ".git", ".steppe")


Price = Annotated[float, msgspec.Meta(ge=0)]


class Prices(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an hour costs, so that Steppe can say what steps have cost and hits have saved.

    Attributes:
        cpu: of one core.
        memory: of one GiB.
        gpu: of one GPU.
        currency: is put behind each amount.
    """

    cpu: Price = 0.0
    memory: Price = 0.0
    gpu: Price = 0.0
    currency: str = ""


class Retention(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `steppe gc` keeps whatever the limit is, and what it removes although there is room.

    Attributes:
        runs: how many of the last runs of each notebook keep their results; 0 for no such rule.
        days: after how many days without use a result goes, unless something holds it; 0 for no such rule.
        tags: runs with one of these tags keep their results, with all that led to them.
    """

    runs: Annotated[int, msgspec.Meta(ge=0)] = 0
    days: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    tags: tuple[str, ...] = ()


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a project may set.

    Attributes:
        store: URL or path of the Store; empty for `.steppe/store` in the project.
        catalog: SQLAlchemy URL of the Catalog; empty for `.steppe/catalog.db` in the project.
        limit: bytes that the local Store may hold before what is cheapest to make again is removed.
        env: which packages are in the key: `imports`, `lock` or `ignore`.
        cluster: the executor that `gpu=` and large steps go to when this machine is too small.
        profiles: named sets of `%%step` options.
        prices: what an hour of a core, a GiB of memory and a GPU costs.
        preload: modules that the fork server imports beside those it finds the project to use.
        source_roots: folders, relative to the project, whose modules count as its own beside those inside it.
        retention: what `steppe gc` keeps, and for how long.
        gates: rules for `steppe test`, by the notebook's path or file name, or `*` for all.
    """

    store: str = ""
    catalog: str = ""
    limit: int = 50 * 2**30
    env: str = "imports"
    cluster: str = ""
    profiles: dict[str, dict[str, Any]] = {}
    prices: Prices = Prices()
    preload: tuple[str, ...] = ()
    source_roots: tuple[str, ...] = ()
    retention: Retention = Retention()
    gates: dict[str, tuple[str, ...]] = {}


class Project(Struct, frozen=True, kw_only=True):
    """A project's root folder and its settings.

    Attributes:
        root: absolute path: the nearest folder upwards with a pyproject.toml, .git or .steppe; else the start.
        settings: what holds in it.
    """

    root: str
    settings: Settings

    @property
    def state(self) -> Path:
        """The folder of Steppe's own files, `.steppe` (not necessarily made yet)."""
        return Path(self.root, ".steppe")


def find_root(start: Path) -> Path:
    """Return the nearest folder from `start` upwards that is a project's root, else `start` itself."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if any((folder / marker).exists() for marker in MARKERS):
            return folder
    return start


def load_project(start: Path, environ: Mapping[str, str]) -> Project:
    """Read the settings of the project around `start`.

    Raises:
        UsageError: a setting is unknown or does not fit; names the file, the setting and what would fit.
    """
    root = find_root(start)
    file = root / "pyproject.toml"
    try:
        table = tomllib.loads(file.read_text("utf-8")).get("tool", {}).get("steppe", {}) if file.is_file() else {}
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file} is not valid TOML: {error}. Correct it, then run again.") from error
    names = {field: field.replace("_", "-") for field in Settings.__struct_fields__}
    raw = {field: table[key] for field, key in names.items() if key in table}
    unknown = set(table) - set(names.values())
    if unknown:
        known = ", ".join(sorted(names.values()))
        raise UsageError(f"{file}: [tool.steppe] has no setting `{min(unknown)}`; it has {known}.")
    overrides = {field: environ[f"STEPPE_{field.upper()}"] for field in names if f"STEPPE_{field.upper()}" in environ}
    try:
        return Project(root=str(root), settings=msgspec.convert({**raw, **overrides}, Settings, strict=False))
    except msgspec.ValidationError as error:
        where = "STEPPE_* in the environment" if overrides else str(file)
        raise UsageError(f"{where}: [tool.steppe] {error}. Correct it, then run again.") from error


def make_state(project: Project) -> Path:
    """Return the folder of Steppe's own files, made where there was none, and ignored by git from its first moment.

    Raises:
        StoreUnavailable: it can't be made.
    """
    state = project.state
    ignore = state / ".gitignore"
    try:
        if not ignore.exists():
            state.mkdir(parents=True, exist_ok=True)
            fresh = state / f".gitignore.{os.getpid()}"
            fresh.write_text("*\n")
            fresh.replace(ignore)  # whole or not at all: an empty one would be taken for this one ever after
    except OSError as error:
        if not state.is_dir():
            raise StoreUnavailable(
                f"the folder {state} can't be made ({error.strerror}). Make room for it there, or set another place: "
                "[tool.steppe] store and catalog."
            ) from error
    return state
