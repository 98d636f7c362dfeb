"""`%autoreload` in a notebook with steps: what it has reloaded is the code that runs, and is cached as such."""

from __future__ import annotations

CELLS = {
    "on": "%load_ext autoreload\n%autoreload 2\nimport os\nopen('helping.py', 'w').write('def f():\\n    return 1\\n')",
    "one": "%%step one\nimport helping\nx = helping.f()\nprint(x)",
    "edit": (
        "there = os.stat('helping.py').st_mtime_ns\n"
        "open('helping.py', 'w').write('def f():\\n    return 22\\n')\n"
        "os.utime('helping.py', ns=(there + 10**9, there + 10**9))"
    ),
    "two": "%%step two\ny = helping.f()\nprint(y)",
    "three": "%%step three\nz = helping.f() + x\nprint(z)",
}


def test_code_that_autoreload_put_in_the_place_of_other_is_cached(room):
    room.write(CELLS)
    for expected in (["succeeded"] * 3, ["hit"] * 3):
        done = room.json("run", "book.ipynb", "-o", "out.ipynb")
        assert [step["status"] for step in done["steps"]] == expected, done
        shown = [output.text for cell in room.outputs("out.ipynb") for output in cell if output.output_type == "stream"]
        assert shown == ["1\n", "22\n", "23\n"]
