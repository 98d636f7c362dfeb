"""The comparator finds what differs, and exempts no more than differs between two plain runs."""

import copy

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tests.notebooks.corpus.compare import compare, describe
from tests.notebooks.corpus.execution import Execution


def stream(text: str, name: str = "stdout"):
    return new_output("stream", name=name, text=text)


def shown(**data: object):
    return new_output("display_data", data={key.replace("_", "/"): value for key, value in data.items()})


def run(*outputs, source: str = "cell", count: int = 1, **end) -> Execution:
    cell = new_code_cell(source, id="c", outputs=list(outputs), execution_count=count)
    return Execution(new_notebook(cells=[cell]), end.pop("summary", {}), **end)


def summary(names: dict | None = None, sharing: list | None = None, ambient: dict | None = None) -> dict:
    about = {
        name: {"type": "builtins.int", "digest": digest, "shown": "", "parts": {name: digest}}
        for name, digest in (names or {}).items()
    }
    return {"names": about, "sharing": sharing or [], "ambient": ambient or {}}


def verdict(*plain: Execution, other: Execution):
    (cell,) = compare(plain, other).cells
    return cell


def kinds(*plain: Execution, other: Execution) -> list[str]:
    return [each.kind for each in verdict(*plain, other=other).differences]


def test_equal_runs_are_equal():
    one = run(stream("a"), shown(text_plain="1"))
    assert verdict(one, one, other=copy.deepcopy(one)).verdict == "equal"


def test_consecutive_streams_of_one_name_are_one():
    one, two = run(stream("ab")), run(stream("a"), stream("b"))
    assert verdict(one, one, other=two).verdict == "equal"


def test_streams_of_two_names_stay_apart():
    one, two = run(stream("a"), stream("b", "stderr")), run(stream("ab"))
    assert kinds(one, one, other=two) == ["missing output"]


@pytest.mark.parametrize(
    ("plain", "other", "kind"),
    [
        (run(stream("a")), run(stream("b")), "stream"),
        (run(shown(text_plain="a")), run(shown(text_plain="b")), "text/plain"),
        (run(shown(image_png="a")), run(shown(image_png="b")), "image"),
        (run(stream("a")), run(), "missing output"),
        (run(), run(stream("a")), "extra output"),
        (run(count=1), run(count=2), "count"),
        (run(source="a"), run(source="b"), "source"),
        (run(stream("sk-container-id-1")), run(stream("sk-container-id-2")), "identifiers"),
        (run(stream("0x7f0000000001")), run(stream("0x7f0000000002")), "addresses"),
        (run(stream("a"), stream("b", "stderr")), run(stream("b", "stderr"), stream("a")), "stream order"),
        (
            run(stream("a\nmemory usage: 371.0+ bytes\n")),
            run(stream("a\nmemory usage: 1.2 KB\n")),
            "memory usage",
        ),
        (run(stream("b\nmemory usage: 371.0 bytes\n")), run(stream("a\nmemory usage: 1.2 KB\n")), "stream"),
        (run(shown(text_plain="a"), stream("b")), run(stream("b"), shown(text_plain="a")), "extra output"),
    ],
)
def test_a_difference_that_plain_runs_do_not_show_is_found(plain, other, kind):
    assert kinds(plain, plain, other=other) == [kind]


def test_an_unstable_address_hides_neither_its_text_nor_the_figure_beside_it():
    first, second = (run(shown(text_plain=f"<Line at 0x7f000000000{n}>", image_png="png")) for n in (1, 2))
    same, text, image = (
        run(shown(text_plain="<Line at 0x7f0000000003>", image_png="png")),
        run(shown(text_plain="<Circle at 0x7f0000000003>", image_png="png")),
        run(shown(text_plain="<Line at 0x7f0000000003>", image_png="other")),
    )
    assert verdict(first, second, other=same).verdict == "masked"
    assert kinds(first, second, other=text) == ["text/plain"]
    assert kinds(first, second, other=image) == ["image"]


def test_unstable_times_are_masked():
    first, second, other = (run(stream(f"Wall time: {n} ms")) for n in ("1.25", "3", "17.0"))
    assert verdict(first, second, other=other).verdict == "masked"


def test_what_differs_between_plain_runs_is_exempt():
    first, second, other = (run(stream(f"{n}"), shown(text_plain="same")) for n in (0.1, 0.5, 0.7))
    assert verdict(first, second, other=other).verdict == "exempt"


def test_an_unstable_order_of_streams_hides_neither_of_them():
    first = run(stream("a"), stream("b", "stderr"))
    second = run(stream("b", "stderr"), stream("a"))
    assert verdict(first, second, other=second).verdict == "masked"
    assert kinds(first, second, other=run(stream("a"), stream("c", "stderr"))) == ["stream"]


def test_a_third_plain_run_can_exempt():
    first, other = run(stream("1")), run(stream("2"))
    assert verdict(first, first, other=other).verdict == "different"
    assert verdict(first, first, run(stream("3")), other=other).verdict == "exempt"


def test_an_allowed_kind_is_told_but_no_failure():
    one, two = run(stream("sk-container-id-1")), run(stream("sk-container-id-2"))
    comparison = compare([one, one], two, frozenset({"identifiers"}))
    assert comparison.equal
    assert describe(comparison)["verdicts"]["allowed"] == 1


def test_a_changed_name_state_file_or_sharing_is_found():
    end = {"names": {"a": "1", "b": "1"}, "ambient": {"locale": "C"}}
    one = run(summary=summary(**end), files={"a.txt": "1"})
    two = run(
        summary=summary({"a": "2", "c": "1"}, [["a", "c"]], {"locale": "de"}),
        files={"a.txt": "2"},
    )
    found = {each.where: each.kind for each in compare([one, one], two).differences}
    assert found == {
        "a": "name",
        "b": "name",
        "c": "name",
        "shared a = c": "sharing",
        "state: locale": "state",
        "file: a.txt": "file",
    }


def test_an_unstable_name_is_exempt_and_told():
    runs = [run(summary=summary({"a": digest})) for digest in "123"]
    comparison = compare(runs[:2], runs[2])
    assert (comparison.equal, comparison.unstable) == (True, ["a"])


def test_a_run_that_fails_is_not_equal_to_one_that_does_not():
    one = run(summary=summary({"a": "1"}))
    two = run(error="ValueError: 1")
    assert [each.kind for each in compare([one, one], two).differences] == ["error", "end not reached"]


def test_runs_of_different_notebooks_can_not_be_compared():
    two = Execution(new_notebook(cells=[new_code_cell("a"), new_code_cell("b")]))
    with pytest.raises(ValueError, match="1, 1, 2 code cells"):
        compare([run(), run()], two)
