"""The file of a bundle: no byte of it can be another, and no size, name or format in it does harm."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steppe.errors import UsageError
from steppe.sharing.container import FORMAT, MAGIC, Bundle, Item, Manifest, write
from steppe.sharing.makers import Signer
from steppe.sharing.paths import is_inside, place
from steppe.store.digest import digest_of

FILES = {"records": b"history", "blob": b"value " * 50, "project": b"a,b\n1,2\n"}


def item(kind, data, path=""):
    return Item(kind=kind, size=len(data), digest=digest_of([data]), path=path)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundle")
    items = [item(kind, data, "data.csv" if kind == "project" else "") for kind, data in FILES.items()]
    write(folder / "run.steppe", Signer(folder / "keys"), "run", 1.0, items, lambda each: [FILES[each.kind]])
    return folder / "run.steppe"


def test_what_was_written_is_read(made):
    with Bundle(made) as bundle:
        assert bundle.manifest.run == "run"
        for kind, data in FILES.items():
            assert [b"".join(pieces) for _, pieces in bundle.items(kind)] == [data]


@settings(max_examples=300)
@given(data=st.data())
def test_a_changed_byte_is_refused_wherever_it_is(made, tmp_path_factory, data):
    whole = bytearray(made.read_bytes())
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.mktemp("changed") / "run.steppe"
    path.write_bytes(whole)
    with pytest.raises(UsageError):
        Bundle(path)


@settings(max_examples=60)
@given(data=st.data())
def test_one_that_is_shorter_or_longer_is_refused(made, tmp_path_factory, data):
    whole = made.read_bytes()
    cut = data.draw(st.integers(0, len(whole) - 1))
    more = data.draw(st.binary(min_size=1, max_size=5))
    for bad in (whole[:cut], whole + more):
        path = tmp_path_factory.mktemp("cut") / "run.steppe"
        path.write_bytes(bad)
        with pytest.raises(UsageError):
            Bundle(path)


def test_a_format_that_is_not_known_is_refused_with_what_to_do(made, tmp_path):
    whole = bytearray(made.read_bytes())
    whole[len(MAGIC)] = FORMAT + 1
    (tmp_path / "new.steppe").write_bytes(whole)
    with pytest.raises(UsageError, match="is a bundle of format 2, and this Steppe reads format 1"):
        Bundle(tmp_path / "new.steppe")


def signed(path, items, signer):
    """Write a bundle whose manifest is signed, and whose files are not what it says."""
    manifest = msgspec.json.encode(Manifest(maker=signer.maker(), run="run", made=1.0, items=tuple(items)))
    head = MAGIC + bytes([FORMAT]) + len(manifest).to_bytes(8, "big")
    path.write_bytes(head + manifest + signer.sign(manifest) + b"x")
    return path


@pytest.mark.parametrize("size", [1 << 50, -1, 1 << 30])
def test_sizes_that_can_not_be_are_refused_before_anything_is_read(tmp_path, size):
    bad = signed(tmp_path / "bad", [Item(kind="blob", size=size, digest=digest_of([b"x"]))], Signer(tmp_path / "keys"))
    with pytest.raises(UsageError, match="not as its maker has signed it"):
        Bundle(bad)
    (tmp_path / "long").write_bytes(MAGIC + bytes([FORMAT]) + b"\xff" * 8)
    with pytest.raises(UsageError, match="manifest is too large"):
        Bundle(tmp_path / "long")


@pytest.mark.parametrize(
    "path",
    [
        "../out.txt",
        "/etc/passwd",
        "a/../../b",
        ".git/hooks/post-commit",
        "a/.ssh/x",
        "a//b",
        "",
        "c:\\x",
        "a\nb",
        "x\x00",
    ],
)
def test_paths_that_lead_out_are_refused(tmp_path, path):
    assert not is_inside(path)
    with pytest.raises(UsageError, match="outside of the project"):
        place(tmp_path, path)


def test_paths_inside_are_taken(tmp_path):
    assert place(tmp_path, "data/größe.csv") == tmp_path / "data/größe.csv"


def test_a_key_that_others_can_read_is_refused(tmp_path):
    Signer(tmp_path)
    key = tmp_path / "bundle-key.pem"
    assert key.stat().st_mode & 0o777 == 0o600
    key.chmod(0o644)
    with pytest.raises(UsageError, match="can be read by others: run `chmod 600"):
        Signer(tmp_path)
