"""The line of `%%step`: names, options, quotes, braces, and the sentence that refuses each mistake."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from steppe.analysis.magicline import Expression, name_on, parse_line
from steppe.analysis.options import BY_NAME, OPTIONS, Options, checked, from_mapping, help_rows
from steppe.errors import BadOption, UnknownOption, UsageError
from steppe.types import Resources

GIB = 2**30


@pytest.mark.parametrize(
    ("line", "name", "settings"),
    [
        ("", None, {}),
        ("   ", None, {}),
        ("train", "train", {}),
        ("'load data'", "load data", {}),
        ('"load data" gpu=1', "load data", {"gpu": "1"}),
        ("train gpu=1 memory=16Gi on=kubernetes", "train", {"gpu": "1", "memory": "16Gi", "on": "kubernetes"}),
        ("gpu=1", None, {"gpu": "1"}),
        ("train\tgpu=1", "train", {"gpu": "1"}),
        ("a-b.c/d", "a-b.c/d", {}),
        ("Schritt-ä", "Schritt-ä", {}),
        ("files='a b.csv,c.csv'", None, {"files": "a b.csv,c.csv"}),
        ('files=a" b".csv', None, {"files": "a b.csv"}),
        (r"files=a\ b.csv", None, {"files": "a b.csv"}),
        (r'files="a\"b"', None, {"files": 'a"b'}),
        ("files='a{b}'", None, {"files": "a{b}"}),
        ("files=a{{b}}", None, {"files": "a{b}"}),
        ("files=''", None, {"files": ""}),
        ("'setup'", "setup", {}),
        ("source=max(t.updated)", None, {"source": "max(t.updated)"}),
        ("source={max(t.updated)}", None, {"source": "max(t.updated)"}),
        ("source=\"q('a b')\"", None, {"source": "q('a b')"}),
        ("files=data/*.csv,x=y.bin", None, {"files": "data/*.csv,x=y.bin"}),
    ],
)
def test_a_line_is_a_name_and_settings(line, name, settings):
    assert parse_line(line).fill() == (name, settings)


@pytest.mark.parametrize(
    ("line", "expressions"),
    [
        ("memory={m}Gi", ["m"]),
        ("sweep-{lr}-{ n + 1 }", ["lr", "n + 1"]),
        ('gpu={ {"a": {"b": 1}}["a"]["b"] }', ['{"a": {"b": 1}}["a"]["b"]']),
        ("""files={f(" } ")}""", ['f(" } ")']),
        ("""files={f("it's", 'a b')}.csv""", ["""f("it's", 'a b')"""]),
        ('files="{a} b{c}"', ["a", "c"]),
        ("files={[x for x in y if x]}", ["[x for x in y if x]"]),
        ("cpu={a if b else c}", ["a if b else c"]),
    ],
)
def test_expressions_stay_as_they_are_written(line, expressions):
    assert [part.text for part in parse_line(line).expressions] == expressions


def test_expressions_are_filled_in_by_the_kernel():
    line = parse_line('sweep-{lr} memory={m}Gi gpu={n} files={paths} timeout="{t}s"')
    space = {"lr": 0.1, "m": 2, "n": 1, "paths": ["a b", "c,d"], "t": 90}
    options = line.options(lambda text: eval(text, space))
    assert options.name == "sweep-0.1"
    assert options.resources == Resources(gpu=1, memory=2 * GIB)
    assert options.files == ("a b", "c,d")
    assert options.timeout == 90.0


def test_the_names_that_a_line_reads_are_known():
    assert parse_line("s-{a.b} gpu={len(c)} source={max(d)}").reads == {"a", "len", "c", "max", "d"}
    assert parse_line("s gpu=1").reads == frozenset()


def test_an_expression_that_fails_is_told_with_its_option():
    def evaluate(text):
        raise NameError(f"name '{text}' is not defined")

    with pytest.raises(UsageError, match=r"%%step gpu=\{n\}: NameError: name 'n' is not defined"):
        parse_line("gpu={n}").options(evaluate)
    with pytest.raises(UsageError, match="without a kernel"):
        parse_line("gpu={n}").options()
    with pytest.raises(UsageError, match="name is empty"):
        parse_line("{n}").options(lambda _: "  ")


REFUSED = [
    ("gpus=1", UnknownOption, "did you mean `gpu`"),
    ("mem=1", UnknownOption, "did you mean `memory`"),
    ("lr={lr}", UnknownOption, "no option `lr`"),
    ("zzzzzz=1", UnknownOption, "the options are"),
    ("gpu=1 gpu=2", UsageError, "`gpu` twice"),
    ("a b", UsageError, "`b` is a second one"),
    ("gpu=1 train", UsageError, "`train` comes after an option"),
    ("gpu= 1", BadOption, "without a space after `=`"),
    ("gpu =1", UsageError, "without spaces around `=`"),
    ("gpu = 1", UsageError, "without spaces around `=`"),
    ("setup", UsageError, "write setup=true"),
    ("train cache", UsageError, "write cache=true"),
    ("'a", UsageError, "not closed"),
    ('files="a', UsageError, "not closed"),
    ("gpu={n", UsageError, "not an expression in braces"),
    ("gpu={}", UsageError, "not an expression in braces"),
    ("gpu={n +}", UsageError, "not an expression in braces"),
    ("gpu=many", BadOption, "whole number of GPUs"),
    ("gpu=-1", BadOption, "whole number of GPUs"),
    ("gpu=1.5", BadOption, "whole number of GPUs"),
    ("gpu=true", BadOption, "whole number of GPUs"),
    ("cpu=0", BadOption, "number of cores above 0"),
    ("cpu=-1", BadOption, "number of cores above 0"),
    ("cpu=inf", BadOption, "number of cores above 0"),
    ("cpu=nan", BadOption, "number of cores above 0"),
    ("memory=lots", BadOption, "16Gi, 500M or 2GB"),
    ("memory=0", BadOption, "16Gi, 500M or 2GB"),
    ("memory=-1Gi", BadOption, "16Gi, 500M or 2GB"),
    ("memory=16Xi", BadOption, "16Gi, 500M or 2GB"),
    ("retries=-1", BadOption, "whole number"),
    ("timeout=soon", BadOption, "duration"),
    ("timeout=0", BadOption, "duration"),
    ("expires=1y", BadOption, "duration"),
    ("cache=maybe", BadOption, "true or false"),
    ("wait=2", BadOption, "true or false"),
    ("env=all", BadOption, "imports, lock or ignore"),
    ("seed=-1", BadOption, "whole number from 0"),
    ("seed=4294967296", BadOption, "whole number from 0"),
    ("seed=random", BadOption, "or none"),
    ("inputs=a,1b", BadOption, "names of variables"),
    ("inputs=a,,b", BadOption, "names of variables"),
    ("outputs=for", BadOption, "names of variables"),
    ("files=a,,b", BadOption, "paths or patterns"),
    ("source='a +'", BadOption, "Python expression"),
    ("profile=big", BadOption, "there are none"),
]


@pytest.mark.parametrize(("line", "error", "words"), REFUSED, ids=[line for line, _, _ in REFUSED])
def test_a_mistake_is_refused_in_one_clear_sentence(line, error, words):
    with pytest.raises(error) as caught:
        parse_line(line).options()
    message = str(caught.value)
    assert words in message
    assert message.startswith("%%step")
    assert message.rstrip().endswith((".", "?"))
    assert "\n" not in message


@pytest.mark.parametrize(
    ("key", "values"),
    [
        (
            "memory",
            {
                "16Gi": 16 * GIB,
                "16GiB": 16 * GIB,
                "500M": 500 * 10**6,
                "2GB": 2 * 10**9,
                "1.5G": 1_500_000_000,
                "1024": 1024,
            },
        ),
        ("memory", {1024: 1024, "8gi": 8 * GIB, "1T": 10**12, "3k": 3000, "3Ki": 3072, "7b": 7}),
        (
            "timeout",
            {
                "90": 90.0,
                "90s": 90.0,
                "5m": 300.0,
                "2h": 7200.0,
                "1d": 86400.0,
                "1h30m": 5400.0,
                "never": "never",
                90: 90.0,
            },
        ),
        ("expires", {"0.5h": 1800.0, "1w": 604800.0, "Never": "never"}),
        (
            "cache",
            {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "False": False, True: True},
        ),
        ("cpu", {"2": 2.0, "0.5": 0.5, 4: 4.0, 1.5: 1.5}),
        ("gpu", {"0": 0, "8": 8, 2: 2}),
        ("retries", {"3": 3, 0: 0}),
        ("seed", {"7": 7, "none": "none", "None": "none", 0: 0}),
        ("env", {"lock": "lock", "imports": "imports", "ignore": "ignore"}),
        ("files", {"a,b": ("a", "b"), " a , b ": ("a", "b"), "": (), "a": ("a",)}),
        ("inputs", {"a,b,a": ("a", "b"), "": ()}),
        ("on", {" process ": "process"}),
    ],
)
def test_values_are_read_as_people_write_them(key, values):
    for written, value in values.items():
        found = checked({key: written})[key]
        assert found == value
        assert type(found) is type(value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("files", [1]),
        ("files", {"a": 1}),
        ("gpu", True),
        ("cpu", True),
        ("memory", True),
        ("cache", None),
        ("env", ["lock"]),
        ("on", 3),
        ("inputs", 3),
        ("source", 3),
        ("seed", True),
        ("timeout", float("inf")),
        ("memory", float("nan")),
    ],
)
def test_values_of_another_type_are_refused(key, value):
    with pytest.raises(BadOption):
        from_mapping({key: value})


def test_toml_and_metadata_are_checked_like_the_line():
    mapping = {"gpu": 1, "files": ["a", "b c"], "cache": False, "inputs": ["x"], "memory": "1Gi", "timeout": 5}
    assert from_mapping(mapping) == Options(
        resources=Resources(gpu=1, memory=GIB),
        files=("a", "b c"),
        cache=False,
        inputs=("x",),
        timeout=5.0,
        given=("cache", "files", "gpu", "inputs", "memory", "timeout"),
    )
    with pytest.raises(UnknownOption, match="did you mean `gpu`"):
        from_mapping({"gpus": 1})


def test_the_line_wins_over_its_profile():
    profiles = {"big": {"on": "kubernetes", "gpu": 1, "memory": "64Gi"}}
    options = parse_line("train profile=big gpu=2").options(profiles=profiles)
    assert (options.name, options.on, options.profile) == ("train", "kubernetes", "big")
    assert options.resources == Resources(gpu=2, memory=64 * GIB)
    assert options.given == ("gpu", "memory", "on", "profile")


def test_an_unknown_profile_names_those_there_are():
    with pytest.raises(BadOption, match="there are big, small"):
        parse_line("profile=huge").options(profiles={"small": {}, "big": {}})


def test_a_bad_option_in_a_profile_is_refused():
    with pytest.raises(UnknownOption, match="gpus"):
        parse_line("profile=big").options(profiles={"big": {"gpus": 1}})


def test_nothing_said_is_nothing_given():
    assert from_mapping({}) == Options()


def test_options_can_be_stored():
    options = (
        parse_line("s timeout=never expires=1d seed=none inputs=").options
        if False
        else from_mapping(
            {"timeout": "never", "expires": "1d", "seed": "none", "inputs": "", "memory": "1Gi"}, name="s"
        )
    )
    for codec in (msgspec.json, msgspec.msgpack):
        assert codec.decode(codec.encode(options), type=Options) == options


def test_every_option_has_an_example_that_it_reads_and_a_field():
    fields = set(Options.__struct_fields__) | set(Resources.__struct_fields__)
    for option in OPTIONS:
        assert option.name in fields
        key, _, _ = option.example.partition("=")
        assert key == option.name
        if key not in ("profile", "gather"):  # which need a table, and a loop
            assert parse_line(option.example).options().given == (key,)
    assert [row[0] for row in help_rows()] == list(BY_NAME)
    wanted = (
        "on cpu memory gpu nodes workers image retries timeout cache expires source files inputs outputs map sweep "
        "gather env seed setup wait profile"
    )
    assert list(BY_NAME) == wanted.split()


@given(st.text())
def test_any_line_is_read_or_refused(line):
    try:
        parse_line(line)
    except UsageError as error:
        assert str(error)  # noqa: PT017  # either way is right


@given(st.lists(st.text(min_size=1), min_size=1, max_size=3), st.text(min_size=1).filter(str.strip))
def test_what_is_quoted_comes_back(paths, name):
    assume(all(item.strip() for item in "|".join(paths).split(",")))  # nothing between two commas is refused

    def quoted(text):
        return '"' + "".join(f"\\{c}" if c in '"\\{}' else c for c in text) + '"'

    line = parse_line(f"{quoted(name)} files={quoted('|'.join(paths))}")
    assert line.fill()[1] == {"files": "|".join(paths)}
    assert line.name == (name,)


def test_an_expression_knows_its_names():
    assert Expression("a + f(b.c)").reads == {"a", "f", "b"}


@pytest.mark.parametrize(
    ("line", "name"),
    [("train cpu=many", "train"), ("cpu=many train", "train"), ("cpu=2", ""), ("'open", ""), ("a{b} cpu=many", "")],
)
def test_a_line_that_is_wrong_still_has_its_name(line, name):
    assert name_on(line) == name
