"""The manifest names enough notebooks, of enough projects, and a sample that CI has time for."""

from tests.notebooks.corpus.choose import CI_SECONDS, sample
from tests.notebooks.corpus.entry import Entry, own_entries, read_manifest, write_manifest
from tests.notebooks.corpus.fetch import read_sources


def entry(package: str, path: str = "a.py", seconds: float = 1.0, tags: tuple[str, ...] = ()) -> Entry:
    return Entry(package, "1", path, "gallery", "0" * 64, 5, seconds, (package,), tags)


def test_there_are_at_least_150_notebooks_of_at_least_5_projects():
    entries = read_manifest()
    assert len(entries) >= 150
    assert len({each.package for each in entries}) >= 5
    assert len({each.name for each in (*entries, *own_entries())}) == len(entries) + len(own_entries())


def test_every_notebook_is_of_a_pinned_source():
    pinned = {(each.name, each.version) for each in read_sources()}
    assert {(each.package, each.version) for each in read_manifest()} <= pinned


def test_the_sample_for_ci_is_short_and_diverse():
    chosen = [each for each in read_manifest() if each.ci]
    assert 10 <= len(chosen) <= 15
    assert sum(each.seconds for each in chosen) < 60
    assert len({each.package for each in chosen}) >= 8


def test_a_sample_prefers_packages_that_it_lacks():
    entries = [entry("one", f"{number}.py") for number in range(20)] + [entry("two", seconds=4.0)]
    assert {each.package for each in sample(entries) if each.ci} == {"one", "two"}


def test_a_sample_leaves_out_what_is_long_or_unstable():
    entries = [entry("long", seconds=CI_SECONDS + 1), entry("unstable", tags=("unstable",)), entry("fine")]
    assert [each.package for each in sample(entries) if each.ci] == ["fine"]


def test_a_manifest_is_read_as_it_was_written(tmp_path):
    entries = [entry("b", tags=("plots",)), entry("a")]
    write_manifest(entries, tmp_path / "manifest.json")
    assert read_manifest(tmp_path / "manifest.json") == (entries[1], entries[0])
