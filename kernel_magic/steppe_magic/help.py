"""What `%%step?`, `%steppe?` and `%steppe help` show."""

from __future__ import annotations

from steppe.analysis.options import help_rows
from steppe.wording import table

COMMANDS: dict[str, tuple[str, str]] = {
    "status": ("", "what each step of this session did last, and why"),
    "wait": ("[STEP]", "wait for steps that run in the background"),
    "cancel": ("[STEP]", "end steps that run in the background"),
    "why": ("[STEP]", "why a step hit or ran; without a name, the last one"),
    "clear": ("[STEP]", "forget what is kept of a step, or of all: they run again"),
    "rerun": ("STEP", "have a step run once more, the next time that its cell runs, although it would hit"),
    "show": ("[STEP|VARIABLE]", "what a step read, bound and logged; what a variable is"),
    "lineage": ("VARIABLE", "the steps and values that led to a variable, and those made from it"),
    "auto": ("[on|off]", "make every following cell a step, or no longer"),
    "help": ("", "this text"),
}
"""What follows each command of `%steppe`, and what it does."""


def step_help() -> str:
    """Return the help for `%%step`."""
    rows = [(f"  {example}", about) for _, example, about in help_rows()]
    return f"""Make this cell a step of a pipeline: cached, traced, able to run anywhere.

    %%step [NAME] [key=value …]

The cell does and shows what it does without this line. When nothing that it depends on has changed (its code and
what that calls, the values and files that it reads, packages, random state), its result is taken from the store.
`key={{expression}}` takes a value from the notebook. Any other cell magic may stand in the line below.

{table(rows[0], rows[1:])}

`%steppe why NAME` says why a step ran; `%steppe help` lists all commands.
""".replace("{{", "{").replace("}}", "}")


def commands_help() -> str:
    """Return the help for `%steppe`."""
    rows = [(f"  %steppe {name} {takes}".rstrip(), about) for name, (takes, about) in COMMANDS.items()]
    return f"""Show and steer the steps of this notebook.

{table(rows[0], rows[1:])}

`%%step?` shows how a cell is made a step, and the options that it takes.
"""
