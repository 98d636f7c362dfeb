"""The names that code asks its globals for, and what it imports, read off its bytecode."""

import dis
import json
import textwrap
import types

import pytest

from steppe.values.code import Lookups


def by_dis(code):
    names = {
        step.argval
        for step in dis.get_instructions(code)
        if step.opname in {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS", "DELETE_GLOBAL", "STORE_GLOBAL"}
    }
    return names.union(*(by_dis(part) for part in code.co_consts if isinstance(part, types.CodeType)))


def imported_by_dis(code):
    found, above = set(), ""
    for step in dis.get_instructions(code):
        if step.opname == "IMPORT_NAME":
            above = step.argval
            found.add(above)
        elif step.opname == "IMPORT_FROM":
            found.add(f"{above}.{step.argval}")
    return found.union(*(imported_by_dis(part) for part in code.co_consts if isinstance(part, types.CodeType)))


MANY = "\n".join(f"a = name_{number} + name_{number}()" for number in range(700))
"""More names than fit into an instruction's byte."""

SOURCES = {
    "many names": f"def f():\n{textwrap.indent(MANY, '    ')}",
    "many names of a module": MANY,
    "stored and deleted": "def f():\n    global a, b\n    a = 1\n    del b",
    "a class in a function": "def f(y):\n    class A:\n        x = y + other\n        def g(self): return third",
    "nested": "f = lambda: [a for b in c if (lambda: d)()]",
    "imports": "import a.b as c\ndef f():\n    from .d import e as g, h\n    import i, j.k as l",
    "imports after many names": f"{MANY}\nimport a, b.c as d\nfrom e.f import g, h",
    "attributes alone": "def f(x): x.name.other = x.third()",
}


@pytest.mark.parametrize("source", SOURCES)
def test_names_are_those_that_the_disassembler_tells(source):
    code = compile(SOURCES[source], "cell", "exec")
    assert Lookups(code).names == by_dis(code)
    assert Lookups(code).imports == imported_by_dis(code)


@pytest.mark.parametrize("module", [dis, json, textwrap, types])
def test_names_of_whole_modules_too(module):
    with open(module.__file__, encoding="utf-8") as file:
        code = compile(file.read(), module.__file__, "exec")
    assert Lookups(code).imports == imported_by_dis(code)
    assert by_dis(code) <= Lookups(code).names  # which has those of texts that are queries, too
