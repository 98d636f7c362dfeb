"""Source distributions come as they are, verified, without running anything of theirs."""

import hashlib
import io
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.notebooks.corpus.fetch import Part, Source, fetch, read_sources

SCRIPT = Path(__file__).parents[2] / "notebooks" / "corpus" / "sdist.py"
FILES = {
    "PKG-INFO": "Metadata-Version: 2.1\nName: made-up-gallery\nVersion: 1.2\n",
    "pyproject.toml": "[build-system]\nrequires = []\nbuild-backend = 'no_such_backend'\n",
    "examples/plots/one.py": "a = 1\n",
    "examples/plots/data.csv": "1,2\n",
    "src/module.py": "raise SystemExit('never run')\n",
}


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder that pip takes for its index, with one source distribution that can't be built."""
    archive = tmp_path / "index" / "made_up_gallery-1.2.tar.gz"
    archive.parent.mkdir()
    with tarfile.open(archive, "w:gz") as tar:
        for name, text in FILES.items():
            member = tarfile.TarInfo(f"made_up_gallery-1.2/{name}")
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    for name, value in {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(archive.parent),
        "PIP_CONFIG_FILE": "/dev/null",
    }.items():
        monkeypatch.setenv(name, value)
    return archive


def source(digest: str, version: str = "1.2") -> Source:
    return Source("made-up-gallery", version, digest, 1, (Part("examples/**/*.py", "gallery"),))


def digest_of(archive: Path) -> str:
    return hashlib.sha256(archive.read_bytes()).hexdigest()


def test_a_distribution_that_can_not_be_built_is_fetched(index, tmp_path):
    top = fetch(source(digest_of(index)), tmp_path / "cache")
    found = sorted(path.relative_to(top).as_posix() for path in top.rglob("*") if path.is_file())
    assert found == ["examples/plots/data.csv", "examples/plots/one.py"]


def test_a_second_fetch_needs_no_index(index, tmp_path):
    wanted = source(digest_of(index))
    first = fetch(wanted, tmp_path / "cache")
    index.unlink()
    assert fetch(wanted, tmp_path / "cache") == first


def test_another_digest_is_refused(index, tmp_path):
    with pytest.raises(ValueError, match=r"sources.toml says 0000"):
        fetch(source("0000"), tmp_path / "cache")
    assert not (tmp_path / "cache" / "made-up-gallery-1.2").exists()


def test_a_version_that_is_not_there_is_named(index, tmp_path):
    with pytest.raises(ValueError, match=r"made-up-gallery 9.9"):
        fetch(source(digest_of(index), "9.9"), tmp_path / "cache")


def test_the_downloader_says_where_the_file_is(index, tmp_path):
    command = [sys.executable, str(SCRIPT), "made-up-gallery", "1.2", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()) == tmp_path / index.name


def test_every_source_is_pinned():
    sources = read_sources()
    assert len(sources) >= 5
    assert all(len(each.sha256) == 64 and each.parts and each.quota for each in sources)
