"""Steps that change classes of the notebook: a hit leaves the class as the step did, or there is no hit."""

import pytest

CLASS = """
class Other:
    seen = 0

class Counter:
    made = 0
    names = []
    other = Other
    def __init__(self):
        Counter.made += 1
    def name(self, value):
        Counter.names.append(value)
    def see(self):
        Counter.other.seen += 1
    def label(self, value):
        type(self).text = value
    def forget(self):
        del Counter.made
"""


@pytest.mark.parametrize(
    ("step", "look", "state"),
    [
        ("c = Counter(); d = Counter()", "Counter.made", "hit"),
        ("first.label('a')", "Counter.text", "hit"),
        ("first.forget()", "hasattr(Counter, 'made')", "hit"),
        ("first.label(['a'])", "Counter.text", "succeeded"),
        ("first.name(3)", "Counter.names", "succeeded"),
        ("first.see()", "Other.seen", "succeeded"),
    ],
)
def test_a_class_is_after_a_hit_what_it_was_after_the_run(notebook, step, look, state):
    seen = []
    for _ in range(2):
        notebook.run(CLASS)
        notebook.run("first = Counter()")
        notebook.run(f"%%step change\n{step}")
        notebook.run(f"at_end = {look}")
        seen.append(notebook["at_end"])
        last = notebook.states[-1]
        notebook.restart()
    assert last == state
    assert seen[0] == seen[1]


def test_who_changed_what_can_not_be_put_back_is_named(notebook):
    notebook.run(CLASS)
    notebook.run("first = Counter()")
    notebook.run("%%step change\nfirst.name(3)")
    assert "Counter, can't be changed from outside" in notebook.why
