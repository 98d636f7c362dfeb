"""Judgements are made again exactly where something that they asked has another answer."""

import ast

from steppe.analysis.clock import reads_clock
from steppe.analysis.effects import acts_elsewhere
from steppe.analysis.remembered import MOST, remembered


def counted():
    calls = []

    def judge(node, where):
        calls.append(node)
        return where("a") or where("b")

    return calls, judge


def test_a_judgement_is_made_once_while_its_answers_stay():
    calls, judge = counted()
    node = ast.parse("x")
    assert remembered(judge, node, {"a": "1"}.get) == "1"
    assert remembered(judge, node, {"a": "1", "b": "2"}.get) == "1"
    assert len(calls) == 1


def test_a_judgement_is_made_again_where_an_answer_is_another():
    calls, judge = counted()
    node = ast.parse("x")
    assert remembered(judge, node, {"a": "1"}.get) == "1"
    assert remembered(judge, node, {"b": "2"}.get) == "2"
    assert remembered(judge, node, {"b": "3"}.get) == "3"
    assert remembered(judge, node, {"a": "1"}.get) == "1"
    assert len(calls) == 4


def test_another_tree_is_judged_for_itself_though_it_has_the_place_of_one_that_is_gone():
    _, judge = counted()
    for number in range(3 * MOST // 2):
        node = ast.parse("x")
        assert remembered(judge, node, {"a": number + 1}.get) == number + 1


def test_a_name_that_becomes_a_clock_is_seen():
    node = ast.parse("y = now()")
    assert not remembered(reads_clock, node, {}.get)
    assert remembered(reads_clock, node, {"now": "time.time"}.get) == "now"
    assert not remembered(reads_clock, node, {}.get)


def test_a_name_that_becomes_a_module_is_seen():
    node = ast.parse("m.seed(3)")
    no_class = {}.get
    assert remembered(acts_elsewhere, node, {}.get, no_class) is None
    assert remembered(acts_elsewhere, node, {"m": "numpy.random"}.get, no_class).path == "numpy.random.seed"
    assert remembered(acts_elsewhere, node, {"m": "somewhere"}.get, no_class).path == "somewhere.seed"
