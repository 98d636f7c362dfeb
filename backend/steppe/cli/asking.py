"""What several commands ask for in the same words: a notebook's parameters, which cells are steps, `--json`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from steppe.cli import completing
from steppe.notebooks.marks import Steps

F = TypeVar("F", bound=Callable[..., Any])

as_json = click.option("--json", "json_only", is_flag=True, help="Print one JSON document, and nothing else.")

OPTIONS = (
    click.option("-p", "--parameter", "pairs", nargs=2, multiple=True, metavar="NAME VALUE", help="A parameter."),
    click.option(
        "-y", "--yaml", "yaml_texts", multiple=True, metavar="YAML", help="Parameters as YAML, or those in @FILE."
    ),
    click.option(
        "--steps",
        type=click.Choice([steps.value for steps in Steps]),
        default=Steps.TAGGED.value,
        show_default=True,
        help="Which cells are steps: those with %%step, those tagged `step` too, or all.",
    ),
    click.option(
        "--on",
        default="",
        metavar="EXECUTOR",
        shell_complete=completing.executors,
        help="Where steps run that name none: inline, process, kubernetes.",
    ),
    click.option(
        "--refresh",
        multiple=True,
        is_flag=False,
        flag_value="*",
        metavar="[STEP]",
        shell_complete=completing.steps,
        help="Run this step, or all, though nothing has changed.",
    ),
    click.option("--kernel", default=None, metavar="NAME", help="The kernel's name, instead of the notebook's own."),
)


def notebook_options(function: F) -> F:
    """Add what `run`, `plan` and `why` take alike; the command gets it as `asked`, the arguments of `run_notebook`."""

    @functools.wraps(function)
    def gathered(pairs: tuple[tuple[str, str], ...], yaml_texts: tuple[str, ...], steps: str, **others: Any) -> Any:
        asked = {name: others.pop(name) for name in ("on", "refresh", "kernel")}
        asked |= {"parameters": parameters_of(pairs, yaml_texts), "steps": Steps(steps)}
        return function(asked=asked, **others)

    for option in reversed(OPTIONS):
        gathered = option(gathered)
    return cast(F, gathered)


def parameters_of(pairs: tuple[tuple[str, str], ...], yaml_texts: tuple[str, ...]) -> dict[str, Any]:
    """Return the parameters by name; those of `-p` win.

    Raises:
        click.BadParameter: what was given is no name, or no YAML.
    """
    found = _from_yaml(yaml_texts) if yaml_texts else {}
    if pairs:
        from papermill.cli import _resolve_type  # papermill has no public name for how it reads a parameter's value

        found |= {name: _resolve_type(text) for name, text in pairs}
    for name in found:
        if not str(name).isidentifier():
            raise click.BadParameter(f"`{name}` is no name of a variable.", param_hint="-p")
    return found


def _from_yaml(texts: tuple[str, ...]) -> dict[str, Any]:
    import yaml

    found: dict[str, Any] = {}
    for text in texts:
        try:
            given = Path(text[1:]).read_text("utf-8") if text.startswith("@") else text
            table = yaml.safe_load(given)
        except OSError as error:
            raise click.BadParameter(f"{text[1:]} can't be read: {error.strerror}.", param_hint="-y") from error
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            said = " ".join(str(error).split())
            raise click.BadParameter(f"{text!r} is no YAML: {said}", param_hint="-y") from error
        if not isinstance(table, dict):
            raise click.BadParameter(f"{text!r} is no YAML mapping of names to values.", param_hint="-y")
        found.update(table)
    return found
