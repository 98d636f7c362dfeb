"""Code objects are found again in their source, and what functions use is known."""

from __future__ import annotations

import ast
import sys
import types
from pathlib import Path

import pytest

from steppe.analysis.canonical import digest_of
from steppe.analysis.functions import Index, Place, place_of, plain_qualname, uses_of
from steppe.analysis.names import names_of

SOURCE = """
a = [lambda: 1, lambda x: x, lambda: (lambda: y), lambda: [i for i in z], lambda *a: f(a)]
b = ((y for y in x) for x in z); c = list(q for q in (r for r in s))
def f(): return (lambda:
   g())
class A:
    k = [lambda: i for i in range(3)]
    def m(self): return lambda: 0
    @property
    def p(self): return 1
    class B:
        def m(self): return 2
@dec
class C: pass
@dec(lambda: 1)
@dec
def h(u=lambda: 2, *, v=lambda w: 3) -> (lambda: 4):
    "doc"
    global gg
    def gg(): pass
    class gc:
        def inner(self): pass
    async def co(): await x
    def gen(): yield 1
    return lambda: h
t = lambda: (yield)
u = lambda: None; v = lambda: 0; w = lambda: -1; x = lambda: "a"
n = lambda: (lambda: (lambda: n))
d = {k: (lambda: k) for k in (lambda: ks)()}
e = lambda a, b=lambda: 1: a if b else (lambda c: c)
"""


def codes(code: types.CodeType):
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from codes(constant)


def bytecode(node: ast.AST) -> bytes:
    """What a function's node compiles to, alone: the check that the right one was found."""
    if isinstance(node, ast.Lambda):
        tree = ast.Module([ast.fix_missing_locations(ast.Expr(node))], [])
    else:
        tree = ast.Module([node], [])
    return next(
        code.co_code
        for code in codes(compile(tree, "x", "exec"))
        if code.co_name in ("<lambda>", getattr(node, "name", ""))
    )


def test_every_code_object_is_found_in_its_source():
    index = Index.of(SOURCE)
    for code in codes(compile(SOURCE, "cell", "exec")):
        if code.co_name.startswith(("<generic", "__annotate__")):
            continue
        found = index.find(place_of(code))
        assert found is not None, place_of(code)
        assert found.name == code.co_name
        assert plain_qualname(code.co_qualname) == found.qualname
        if isinstance(found.node, ast.Lambda):
            parameters = {arg.arg for arg in found.node.args.args}
            assert set(code.co_varnames[: code.co_argcount]) == parameters


def test_every_function_of_the_standard_library_is_found():
    total = 0
    for path in sorted(Path(ast.__file__).parent.glob("[a-f]*.py")):
        source = path.read_text("utf-8")
        index = Index.of(source)
        for code in codes(compile(source, str(path), "exec")):
            if code.co_name.startswith(("<generic", "__annotate__")):  # the interpreter's own
                continue
            total += 1
            assert index.find(place_of(code)) is not None, (path, place_of(code))
    assert total > 1500  # the library shrinks: 3.13 has left out old modules


@pytest.mark.parametrize("separator", [", ", ",\n     "])
def test_lambdas_on_one_line_are_told_apart(separator):
    bodies = [
        "x + 1",
        "x + 2",
        "f(x)",
        "x",
        "1",
        "2",
        "'a'",
        "(lambda: x)",
        "[y for y in x]",
        "x if x else 1",
        "x.a",
        "-x",
    ]
    source = f"table = [{separator.join(f'lambda x: {body}' for body in bodies)}]\n"
    space: dict = {}
    exec(compile(source, "cell", "exec"), space)
    index = Index.of(source)
    for body, function in zip(bodies, space["table"], strict=True):
        found = index.find(place_of(function.__code__))
        assert found is not None
        assert ast.unparse(found.node.body) == ast.unparse(ast.parse(body, mode="eval").body)


def test_two_that_can_not_be_told_apart_are_not_guessed():
    index = Index.of("a = lambda: x; b = lambda: y")
    assert index.find(Place("<lambda>", "<lambda>", 1)) is None


def test_two_that_are_the_same_code_need_not_be_told_apart():
    index = Index.of("a = lambda: x; b = lambda: x")
    assert index.find(Place("<lambda>", "<lambda>", 1)) is not None


def test_code_of_another_source_is_not_found():
    index = Index.of("def f(): pass")
    assert index.find(Place("g", "g", 1)) is None
    assert index.find(Place("f", "f", 2)) is None
    assert index.find(Place("f", "g.<locals>.f", 1)) is None


def test_the_digest_is_of_exactly_that_code_with_its_decorators():
    one = Index.of("@d\ndef f(x):\n    return x  # one\n")
    other = Index.of("\n\ny = 1\n@d\ndef f( x ): return x\nz = 2")
    bare = Index.of("def f(x): return x")
    digests = [next(iter(index)).digest for index in (one, other, bare)]
    assert digests[0] == digests[1] != digests[2]
    assert digests[0] == digest_of(ast.parse("@d\ndef f(x): return x").body[0])


def test_a_decorated_function_is_found_at_its_first_decorator():
    index = Index.of("@a\n@b\ndef f(): pass")
    assert index.find(Place("f", "f", 1)).node.name == "f"


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters need Python 3.12")
def test_generic_functions_and_classes_are_found():
    source = "def f[T](x: T): return lambda: x\nclass A[T]:\n    def m[U](self): return 1\n"
    index = Index.of(source)
    for code in codes(compile(source, "cell", "exec")):
        if not code.co_name.startswith(("<generic", "__annotate__")):
            assert index.find(place_of(code)) is not None, code.co_qualname


def uses(source: str, name: str):
    found = next(one for one in Index.of(source) if one.name == name)
    return uses_of(found.node, found.scope)


def test_a_function_s_globals_are_those_of_all_that_is_in_it():
    found = uses(
        "def f(a, b=default):\n"
        "    local = helpers.scale(a)\n"
        "    class K(base):\n"
        "        x = constant\n"
        "        def m(self): return inner + local\n"
        "    return [np.random.seed(t) for t in table if t > limit], lambda: other(K), __class__\n",
        "f",
    )
    assert found.names.reads == {"helpers", "base", "constant", "inner", "np", "table", "limit", "other", "__class__"}
    assert found.at_definition == {"default"}
    assert found.chains == {("helpers", "scale"), ("np", "random", "seed")}
    assert found.calls == {("helpers", "scale"), ("np", "random", "seed"), ("other",)}


def test_names_of_functions_around_are_no_globals():
    found = uses("def outer(p):\n    q = 1\n    def inner(): return p + q + r\n    return inner", "inner")
    assert found.names.reads == {"r"}


def test_what_a_function_binds_outside_is_known():
    found = uses("def f():\n    global n\n    n = 1\n    del m\n    exec(s)", "f")
    assert found.names.binds == {"n"}
    assert found.names.unbounded_reads == "exec"


def test_names_of_class_bodies_are_invisible_to_methods():
    found = uses("class A:\n    x = 1\n    def m(self): return x", "m")
    assert found.names.reads == {"x"}


def test_a_class_uses_what_its_body_and_methods_do():
    found = uses("@deco\nclass A(base, metaclass=meta):\n    x: kind = value\n    def m(self): return g(self.x)", "A")
    assert found.names.reads == {"kind", "value", "g"}
    assert found.at_definition == {"deco", "base", "meta"}


def test_a_lambda_uses_what_its_body_does():
    found = uses("f = lambda x, y=d: g(x) + y", "<lambda>")
    assert found.names.reads == {"g"}
    assert found.at_definition == {"d"}


def test_functions_agree_with_the_compiler_on_globals():
    for path in sorted(Path(ast.__file__).parent.glob("[a-c]*.py")):
        source = path.read_text("utf-8")
        tree = ast.parse(source)
        index = Index(tree)
        for code in codes(compile(source, str(path), "exec")):
            found = index.find(place_of(code)) if code.co_name.isidentifier() else None
            if found is None or isinstance(found.node, ast.ClassDef):
                continue
            loaded = {name for one in (code, *codes(code)) for name in global_loads(one)}
            said = uses_of(found.node, found.scope)
            known = said.names.reads | said.at_definition | said.names.binds | {"locals"}  # it gives a function's own
            if said.names.unbounded_reads or said.names.unbounded_binds:
                known |= {"globals", "locals", "vars", "dir", "eval", "exec"}
            assert loaded <= known, (path, found.qualname)
            extra = said.names.reads - loaded - class_names(code)
            assert extra <= annotations(found.node), (path, found.qualname, extra)


def global_loads(code: types.CodeType):
    import dis

    return {
        one.argval
        for one in dis.get_instructions(code)
        if one.opname in ("LOAD_GLOBAL", "LOAD_NAME") and one.argval != ".0"
    } - {"__name__"} | (
        {"__name__"}
        if any(one.opname == "LOAD_GLOBAL" and one.argval == "__name__" for one in dis.get_instructions(code))
        else set()
    )


def class_names(code: types.CodeType):
    return {name for one in codes(code) for name in one.co_names}


def annotations(node: ast.AST):
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} | {"__name__"} if names_of else set()
