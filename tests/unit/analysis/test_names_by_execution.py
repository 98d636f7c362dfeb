"""Names against ground truth: random programs are run, and what they read and bind is compared with what was said."""

from __future__ import annotations

import ast
import warnings

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from random_programs import NAMES, programs, run

from steppe.analysis.names import names_of

SETTINGS = settings(max_examples=700, deadline=None, suppress_health_check=list(HealthCheck), derandomize=False)


def compiled(source: str):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return compile(source, "<program>", "exec")
        except SyntaxError:
            assume(False)


@SETTINGS
@given(
    source=programs(),
    seeds=st.lists(st.integers(0, 2**32), min_size=6, max_size=6),
    missing=st.sets(st.sampled_from(NAMES)),
)
def test_what_a_program_reads_and_binds_was_said_before_it_ran(source, seeds, missing):
    code = compiled(source)
    names = names_of(ast.parse(source))
    for seed in seeds:
        for absent in {frozenset(), frozenset(missing)}:
            truth = run(code, seed, absent)
            assert truth.read <= names.reads, f"read but not said: {truth.read - names.reads}\n{source}"
            assert truth.bound <= names.binds, f"bound but not said: {truth.bound - names.binds}\n{source}"
            assert truth.deleted <= names.deletes, f"unbound but not said: {truth.deleted - names.deletes}\n{source}"
            if truth.at_end is not None:
                assert names.surely <= truth.at_end, f"not bound: {names.surely - truth.at_end}\n{source}"
    assert names.surely <= names.binds
    assert names.conditional <= names.reads
