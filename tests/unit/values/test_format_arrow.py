"""Frames in Arrow files: they come back with the same version, types and blocks, and are mapped, not read."""

import numpy as np
import pandas as pd
import pytest
from blake3 import blake3

from steppe.values import families as families  # registers the encoders
from steppe.values import formats
from steppe.values.walk import Walk
from steppe.worker.sources import Sources

ROWS = 20_000


def through_the_store(frame):
    stored = {}

    def put(chunks):
        data = b"".join(bytes(chunk) for chunk in chunks)
        digest = f"b3:{blake3(data).hexdigest()}"
        stored[digest] = data
        return digest

    root = Walk(Sources()).walk("frame", frame)
    part = formats.store("frame", root, {}, put)
    assert part is not None
    loaded = formats.load(part, memoryview(bytearray(stored[part.blob])))
    assert Walk(Sources()).version_of(loaded) == root.version
    return loaded


def times(unit="ns", zone=None):
    base = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(ROWS) * 7919 % 10**6, unit="s")
    found = pd.Series(base).dt.as_unit(unit)
    return found if zone is None else found.dt.tz_localize("UTC").dt.tz_convert(zone)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Zurich"])
def test_times_come_back_with_their_unit_and_zone(unit, zone):
    frame = pd.DataFrame({"when": times(unit, zone), "then": times(unit, zone), "x": np.arange(ROWS)})
    frame.loc[3, "when"] = pd.NaT
    loaded = through_the_store(frame)
    pd.testing.assert_frame_equal(loaded, frame)
    assert loaded.dtypes.equals(frame.dtypes)


def test_time_differences_come_back():
    frame = pd.DataFrame({"took": times() - pd.Timestamp("2025-12-31"), "x": np.arange(ROWS)})
    frame.loc[5, "took"] = pd.NaT
    pd.testing.assert_frame_equal(through_the_store(frame), frame)


def test_strings_in_one_chunk_and_in_several_come_back_alike():
    names = pd.Series([f"name {i % 50}" for i in range(ROWS)], dtype="str")
    one = pd.DataFrame({"name": names})
    several = pd.DataFrame({"name": pd.concat([names[:7000], names[7000:]], ignore_index=True)})
    pd.testing.assert_frame_equal(through_the_store(one), one)
    pd.testing.assert_frame_equal(through_the_store(several), one)


def test_a_slice_of_a_string_column_comes_back_without_the_rest():
    names = pd.Series([f"name {i}" for i in range(2 * ROWS)], dtype="str")
    frame = pd.DataFrame({"name": names})[ROWS:].reset_index(drop=True)
    pd.testing.assert_frame_equal(through_the_store(frame), frame)


def test_what_is_loaded_can_be_changed_and_changes_nothing_stored():
    frame = pd.DataFrame({"when": times(), "x": np.arange(ROWS)})
    loaded = through_the_store(frame)
    loaded.loc[0, "when"] = pd.Timestamp("1999-01-01")
    assert loaded["when"][0] == pd.Timestamp("1999-01-01")
    assert loaded["when"][1:].equals(frame["when"][1:])
