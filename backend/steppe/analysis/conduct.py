"""How each magic behaves: the one published table. A magic that is not in it may do anything."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Conduct(StrEnum):
    """What running a magic does beyond what the cell shows."""

    HARMLESS = "harmless"  # shows something, or writes a file
    TRANSPARENT = "transparent"  # runs code that stands in it, as if that stood in the cell
    SETUP = "setup"  # changes how the session works from then on
    PROCESS = "process"  # starts a process
    UNBOUNDED = "unbounded"  # may read or bind any name


class Way(StrEnum):
    """How a transparent magic runs the code in it."""

    HERE = "here"  # in the module's namespace
    GUARDED = "guarded"  # likewise, and goes on after an error
    FUNCTION = "function"  # in a function of its own: what it binds is gone afterwards


class Rule(NamedTuple):
    """How one magic behaves.

    Attributes:
        conduct: what it does.
        way: how it runs the code in it, where it is transparent.
        flags: its options of one letter, as getopt writes them, which stand before that code.
        expands: whether `{x}` and `$x` in its line are replaced by the values of variables.
        shows_name: whether its line is the name of a variable to show.
        reads_only: whether, though unbounded, it binds nothing.
        timed: whether it shows or returns times that it measures.
    """

    conduct: Conduct
    way: Way | None = None
    flags: str = ""
    expands: bool = True
    shows_name: bool = False
    reads_only: bool = False
    timed: bool = False


HARMLESS = Rule(Conduct.HARMLESS)
SHOWS = Rule(Conduct.HARMLESS, shows_name=True)
SETUP = Rule(Conduct.SETUP)
PROCESS = Rule(Conduct.PROCESS)
READS = Rule(Conduct.UNBOUNDED, reads_only=True)
UNBOUNDED = Rule(Conduct.UNBOUNDED)


def _rules(rule: Rule, names: str) -> dict[str, Rule]:
    return dict.fromkeys(names.split(), rule)


MAGICS: dict[str, Rule] = {
    # Code that stands in the magic itself.
    "time": Rule(Conduct.TRANSPARENT, Way.HERE, expands=False, timed=True),
    "timeit": Rule(Conduct.TRANSPARENT, Way.FUNCTION, "n:r:tcp:qov:", expands=False, timed=True),
    "prun": Rule(Conduct.TRANSPARENT, Way.HERE, "D:l:rs:T:q", expands=False, timed=True),
    "capture": Rule(Conduct.TRANSPARENT, Way.GUARDED),
    # Shown, or written to a file, and that is all.
    **_rules(HARMLESS, "html HTML javascript js latex markdown svg SVG lsmagic magic quickref tb dhist dirs pwd"),
    **_rules(HARMLESS, "writefile file logstate connect_info steppe"),
    **_rules(SHOWS, "pinfo pinfo2 pdef pdoc pfile psource page pycat"),
    # The session works otherwise from then on.
    **_rules(SETUP, "alias alias_magic unalias rehashx autoawait autocall automagic code_wrap colors config xmode"),
    **_rules(
        SETUP, "doctest_mode pprint precision pdb gui matplotlib load_ext reload_ext unload_ext autoreload aimport"
    ),
    **_rules(SETUP, "cd pushd popd bookmark env set_env logon logoff logstart logstop autosave"),
    # Processes.
    **_rules(PROCESS, "! system sx sc script bash sh perl ruby pypy python python2 python3 cmd"),
    **_rules(PROCESS, "pip conda mamba micromamba uv cat cp mv rm ls ldir lf lk ll lx mkdir rmdir man less more clear"),
    **_rules(PROCESS, "killbgscripts tensorboard qtconsole"),
    # Anything may be read, or bound.
    **_rules(READS, "who who_ls whos psearch history hist save notebook pastebin"),
    **_rules(UNBOUNDED, "run store reset reset_selective xdel pylab load loadpy edit ed macro recall rep rerun debug"),
}
"""Line and cell magics by name: IPython's, ipykernel's, and Steppe's own line magic."""
