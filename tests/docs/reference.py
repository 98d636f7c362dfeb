"""The pages that are made from the code: `python tests/docs/reference.py` writes them."""

from __future__ import annotations

from pathlib import Path

import click

from steppe.analysis.option import Option
from steppe.analysis.options import OPTIONS
from steppe.analysis.pod_options import POD_OPTIONS
from steppe.analysis.ray_options import RAY_OPTIONS
from steppe.cli.main import COMMANDS, steppe
from steppe_magic.help import COMMANDS as MAGICS

DOCS = Path(__file__).parents[2] / "docs"

OPTIONS_HEAD = """# Options of `%%step`

<!-- Made from backend/steppe/analysis/options.py by `make docs`. -->

```text
%%step [NAME] [KEY=VALUE]…
```

The name comes first and may be left out: the cell's id stands in for it. Values with spaces are quoted; `{expr}` puts
in the value of an expression from the kernel: `%%step train seed={seed}`. A key that does not exist and a value that
does not fit are refused before the cell runs. `%%step?` shows this list.

The same keys may stand in a cell's metadata, `{"steppe": {"on": "process"}}`, and in a profile in `pyproject.toml`
([settings](environment.md#settings)). The line wins over the metadata, and both win over the profile.

| option | example | what it says |
|---|---|---|
"""
POD_HEAD = """
## What a profile may ask of a cluster

These keys stand in a profile only: notebooks stay clean of what one cluster needs. Those of the profile `kubernetes`
hold for [every step that runs there](executors.md#in-a-cluster); the profile that a step names wins over them.

| key | example | what it says |
|---|---|---|
"""
RAY_HEAD = """
## What a profile may ask of a Ray cluster

Those of the profile `ray` hold for [every step that runs there](executors.md#on-ray). `environment` and
`node-selector` from the list above hold there, too.

| key | example | what it says |
|---|---|---|
"""
CLI_HEAD = """# The command line

<!-- Made from the commands' own help by `make docs`. -->

`steppe` exits with 0 on success, with 1 where a notebook's cell failed, with 2 where it was asked for something that
can't be done, and with 130 where it was interrupted.

`eval "$(_STEPPE_COMPLETE=bash_source steppe)"` in `~/.bashrc` has the Tab key complete commands, options, executors,
the names of a notebook's steps and the ids of runs; `zsh_source` does so for zsh, `fish_source` for fish.
"""
MAGICS_HEAD = """# Magics

<!-- Made from kernel_magic/steppe_magic/help.py by `make docs`. -->

`%load_ext steppe` turns them on, `%unload_ext steppe` off.

## `%%step`

`%%step [NAME] [KEY=VALUE]…` in a cell's first line makes the cell a step: see [the options](../options.md).
Another cell magic may stand in the line below. `%%step?` shows the options in the notebook.

## `%steppe`

| line | what it does |
|---|---|
"""


def _pod_option(option: Option) -> str:
    wanted = option.wanted.removeprefix("give ")
    return f"| `{option.name.replace('_', '-')}` | `{option.example}` | {option.about} ({wanted}) |\n"


def _option(option: Option) -> str:
    wanted = option.wanted.removeprefix("give ")
    return f"| `{option.name}` | `{option.example}` | {option.about} ({wanted}) |\n"


def options() -> str:
    """Return the page of the options."""
    pods, rays = "".join(map(_pod_option, POD_OPTIONS)), "".join(map(_pod_option, RAY_OPTIONS))
    return OPTIONS_HEAD + "".join(map(_option, OPTIONS)) + POD_HEAD + pods + RAY_HEAD + rays


def command_line() -> str:
    """Return the page of the commands."""
    page = CLI_HEAD
    context = click.Context(steppe, info_name="steppe")
    for name in COMMANDS:
        command = steppe.get_command(context, name)
        assert command is not None
        page += f"\n## `steppe {name}`\n\n{_help(command, name, context)}"
        if isinstance(command, click.Group):
            inner = click.Context(command, info_name=name, parent=context)
            for verb, each in command.commands.items():
                page += f"\n### `steppe {name} {verb}`\n\n{_help(each, verb, inner)}"
    return page


def _help(command: click.Command, name: str, parent: click.Context) -> str:
    """Return a command's own help as a block."""
    context = click.Context(command, info_name=name, parent=parent, terminal_width=100, max_content_width=100)
    return f"```text\n{command.get_help(context).rstrip()}\n```\n"


def magics() -> str:
    """Return the page of the magics."""
    rows = {f"%steppe {name} {takes}".rstrip().replace("|", "\\|"): about for name, (takes, about) in MAGICS.items()}
    return MAGICS_HEAD + "".join(f"| `{line}` | {about} |\n" for line, about in rows.items())


PAGES = {"options.md": options, "cli.md": command_line, "reference/magics.md": magics}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), "utf-8")
