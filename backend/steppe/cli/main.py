"""`steppe`: the group of commands. Each command is a module of its own, imported when it is called."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from steppe.errors import SteppeError

COMMANDS = {
    "run": ("steppe.cli.run", "Run a notebook from its first cell to its last."),
    "attach": ("steppe.cli.attach", "Follow a run that goes on in a cluster, to its end."),
    "cancel": ("steppe.cli.cancel", "End a run that goes on in a cluster, with all its steps there."),
    "plan": ("steppe.cli.plan", "Tell which steps would hit and which would run, and why; nothing is run."),
    "why": ("steppe.cli.why", "Tell what has changed for a step, with what it was and what it is."),
    "runs": ("steppe.cli.runs", "List the runs of this project, newest first."),
    "show": ("steppe.cli.show", "Show a run, a step run, an artifact or a key."),
    "schedule": ("steppe.cli.schedule", "Run a notebook at set times; list, pause, backfill and remove schedules."),
    "scheduler": ("steppe.cli.scheduler", "Run what schedules say, until it is ended."),
    "lineage": ("steppe.cli.lineage", "Tell what led to a value or a file, and what was made from it."),
    "name": ("steppe.cli.name", "Let a name such as `production` point at a value; list and move names."),
    "pin": ("steppe.cli.pin", "Keep a run, a step run or a value, with all that led to it."),
    "unpin": ("steppe.cli.unpin", "Let go of what `steppe pin` keeps."),
    "bundle": ("steppe.cli.bundle", "Write a run into one signed file, for others to have its hits."),
    "import": ("steppe.cli.import_", "Take a bundle into this project."),
    "push": ("steppe.cli.push", "Copy what is kept here into a team's store and catalog."),
    "test": ("steppe.cli.test", "Hold a notebook against how it was, by rules."),
    "report": ("steppe.cli.report", "Write a run as one static page."),
    "trust": ("steppe.cli.trust", "Tell from whom pickles and code are taken."),
    "rerun": ("steppe.cli.rerun", "Run a past run, or a step of one, again, without its notebook."),
    "env": ("steppe.cli.env", "Make an environment with the packages that a run had."),
    "open": ("steppe.cli.open", "Open a past step with its inputs, in a notebook or a terminal."),
    "verify": ("steppe.cli.verify", "Run past steps again, and compare what comes out with what is kept."),
    "manifest": ("steppe.cli.manifest", "Print the Kubernetes Job that a step would be."),
    "export": ("steppe.cli.export", "Write a notebook's pipeline as a module, or for another scheduler."),
    "kernel": ("steppe.cli.kernel", "Install a Jupyter kernel in which every cell is a step."),
    "image": ("steppe.cli.image", "Write a Dockerfile with the packages that a kernel had."),
    "gc": ("steppe.cli.gc", "Remove what nothing needs, and keep the store to its limit."),
    "doctor": ("steppe.cli.doctor", "Examine the environment, the store and the catalog."),
}


class Commands(click.Group):
    """The commands by name, loaded when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command."""
        if cmd_name not in COMMANDS:
            import difflib

            near = difflib.get_close_matches(cmd_name, COMMANDS, n=1, cutoff=0.5)
            hint = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(COMMANDS)}."
            ctx.fail(f"there is no command `{cmd_name}`: {hint}")
        command: click.Command = import_module(COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without loading them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])


@click.group(cls=Commands)
@click.version_option(package_name="steppe")
def steppe() -> None:
    """Notebook cells as cached, traced pipeline steps.

    All commands take --json and --help. They work on the project around the working directory, or around the notebook.
    """


def main() -> None:
    """Run the command line; errors that people can mend are one sentence, without a traceback."""
    try:
        steppe.main(standalone_mode=False)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("Interrupted.", err=True)
        sys.exit(130)
    except SteppeError as error:
        click.echo(f"steppe: {error}", err=True)
        sys.exit(2)
