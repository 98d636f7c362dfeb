"""`map=`, `sweep=` and `gather=`: what they say, what is refused, and what a loop's cell reads and binds as a whole."""

from __future__ import annotations

import pytest

from steppe.analysis.cell import analyse
from steppe.analysis.loop_cells import as_seen, check_body, gathered, loops, targets
from steppe.analysis.loops import Gathering, grid_of, loop_of, read_gather
from steppe.analysis.magicline import parse_line
from steppe.errors import BadOption, UsageError


@pytest.mark.parametrize(
    ("text", "target", "names", "reads"),
    [
        ("f in files", "f", ("f",), {"files"}),
        ("i, row in enumerate(rows)", "i, row", ("i", "row"), {"enumerate", "rows"}),
        ("(a, (b, *c)) in pairs", "(a, (b, *c))", ("a", "b", "c"), {"pairs"}),
        ("f in files if f not in done", "f", ("f",), {"files", "done"}),
        ("x in {1, 2}", "x", ("x",), set()),
        ("index in range(n)", "index", ("index",), {"range", "n"}),
        ("line in lines", "line", ("line",), {"lines"}),
    ],
)
def test_a_loop_is_a_target_and_what_it_goes_through(text, target, names, reads):
    loop = loop_of(text)
    assert (loop.target, loop.names, loop.reads) == (target, names, reads)
    space = {"files": ["a"], "rows": ["r"], "pairs": [(1, (2, 3))], "done": [], "n": 1, "lines": ["l"]}
    assert set(next(eval(loop.generator, space))) == set(names)


@pytest.mark.parametrize(
    "text",
    ["files", "", "f in", "in files", "f.name in files", "f[0] in files", "a in xs, b in ys", "a in xs for b in ys",
     "1 in xs", "f, f in xs", "f in files; x", "async f in g", "f in files] + [1", "f in files # x\n] + [1"],
)  # fmt: skip
def test_what_is_no_loop_is_none(text):
    assert loop_of(text) is None


@pytest.mark.parametrize(
    ("text", "sure"),
    [("f in files", True), ("i, x in enumerate(sorted(xs))", True), ("k, v in d.items()", True),
     ("f in glob('*.csv')", False), ("f in load().items()", False), ("f in xs if ok(f)", False)],
)  # fmt: skip
def test_it_is_known_whether_elements_follow_from_values_alone(text, sure):
    assert loop_of(text).sure is sure


def test_a_grid_is_several_names_with_their_values():
    loops_ = grid_of("lr in [.1, .01], depth in range(2, 4)")
    assert [(loop.target, loop.iterable) for loop in loops_] == [("lr", "[0.1, 0.01]"), ("depth", "range(2, 4)")]
    assert [loop.target for loop in grid_of("lr in rates")] == ["lr"]
    for wrong in (
        "lr",
        "lr = [1]",
        "lr in [1], lr in [2]",
        "a, b in xs",
        "lr in [1], depth",
        "",
        "a < b",
        "a in b in c",
    ):
        assert grid_of(wrong) is None, wrong


def test_gather_names_lists_and_frames():
    assert read_gather("scores, rows:frame") == (Gathering("scores"), Gathering("rows", "frame"))
    for wrong in ("", "1x", "rows:table", "a,a", "for", 3):
        assert read_gather(wrong) is None, wrong


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('s map="files"', 'give one loop, such as map="f in files"'),
        ('s map="a in xs, b in ys"', 'a grid is sweep="lr in [.1, .01], depth in [2, 4]"'),
        ('s sweep="lr"', 'give names and their values, such as sweep="lr in [.1, .01], depth in [2, 4]"'),
        ("s gather=rows", 'it needs a loop: give map="f in files" too'),
        ('s map="f in files" gather=rows:table', "give names of variables with commas between them"),
        ('s map="f in files" sweep="lr in [1]"', "Give one of them"),
        ('s map="f in files" nodes=2', "each element runs on one node"),
        ('s map="f in files" outputs=x', "gather= names what comes back"),
        ('s map="f in files" setup=true', "a setup cell runs once"),
    ],
)
def test_what_does_not_fit_is_one_sentence_before_anything_runs(line, said):
    with pytest.raises(UsageError) as refused:
        parse_line(line)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_braces_in_a_loop_belong_to_python():
    line = parse_line('s map="f in {a, b}" sweep-free=1'.replace(" sweep-free=1", ""))
    assert line.options().map == "f in {a, b}"
    assert line.reads == {"a", "b"}
    assert parse_line("s map='f in [{}]'").options().map == "f in [{}]"
    assert parse_line('s sweep="lr in rates, d in {n}"').reads == {"rates", "n"}


def read(line, body):
    options = parse_line(line).options()
    return analyse(body), options


def test_what_comes_back_is_what_the_body_surely_binds():
    cell, options = read(
        's map="i, f in enumerate(files)"',
        "import os\ndef g(): ...\nname = os.path.basename(f)\n_tmp = 1\nf = f + 'x'\nif name:\n    odd = 1\n"
        "for letter in name: pass",
    )
    assert targets(options) == ("i", "f")
    assert [each.name for each in gathered(cell, options)] == ["name"]
    seen = as_seen(cell, options)
    assert seen.names.binds == {"name"}
    assert {"files", "enumerate"} <= seen.names.reads
    assert not {"f", "i"} & seen.names.reads
    assert seen.digest == cell.digest
    assert not loops(parse_line("s").options())


@pytest.mark.parametrize(
    ("gather", "said"), [("f", "the loop's own variable"), ("q", "the body does not bind `q`; it binds `y`")]
)
def test_what_can_not_come_back_is_refused(gather, said):
    cell, options = read(f's map="f in files" gather={gather}', "y = f")
    with pytest.raises(BadOption, match=said):
        gathered(cell, options)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("total = total + f", "`total` before it binds it"),
        ("total += f", "`total` before it binds it"),
        ("del other\ny = f", "removes `other`"),
        ("y = await f", "awaits at its top level"),
    ],
)
def test_a_body_that_hangs_on_the_element_before_is_refused_by_name(body, said):
    cell, options = read('s map="f in files"', body)
    with pytest.raises(UsageError, match=said):
        check_body(cell, options)


@pytest.mark.parametrize(
    "body",
    ["f = f.strip()\ny = f", "t = 0\nfor x in f:\n    t = t + x", "y = f\ndel y", "import os\ny = os.sep",
     "try:\n    y = int(f)\nexcept ValueError:\n    y = 0"],
)  # fmt: skip
def test_a_body_that_binds_first_is_not(body):
    cell, options = read('s map="f in files"', body)
    check_body(cell, options)
