"""Random generators as inputs and outputs of steps, and seeds for steps that nobody seeded.

A generator counts as seeded once the notebook has set its state through one of its functions for that; these are
wrapped, in place, to note it. There are other ways to seed one, so a state that draws alone can't have led to counts as
seeded too. An unseeded one is given a seed that follows from the step's key, and put back after.
"""

from __future__ import annotations

import functools
import importlib.machinery
import os
import re
import time
from collections.abc import Iterable
from typing import Any

from steppe.worker.generators import GENERATORS, Generator, seed_for, state_version
from steppe.worker.patches import Patches
from steppe.worker.trace import is_unseen, unseen

SEEDED = re.compile(
    r"([\w.]*?)\.?\b(?:seed|manual_seed|set_state|setstate|set_rng_state|set_seed|seed_everything)\s*\("
)
"""A call that seeds, in a cell's text, and what stands before it."""

OWNERS = {
    "random": "random",
    "np.random": "numpy",
    "numpy.random": "numpy",
    "torch": "torch",
    "torch.random": "torch",
}
"""What is seeded by a function of what; a function of anything else may seed each of them."""

PATIENCE, MOST = 0.02, 1.0
"""Seconds for which draws are looked for: at the least, beside twice the time that there was to draw; at the most."""


class Randomness:
    """The global generators of this process, and which of them the notebook has seeded."""

    def __init__(self) -> None:
        self.seeded: set[str] = set()
        self._use: Use | None = None
        self._watched: set[str] = set()
        self._patches: Patches | None = None
        self._known: dict[str, Any] = {}
        self._looked, self._process = time.monotonic(), os.getpid()

    def watch(self) -> None:
        """Wrap the seeding functions of the libraries that are loaded, and that will be, so that a seed is noticed."""
        if self._patches is None:
            self._patches = Patches()
            self._watch_imports(self._patches)
        for generator in GENERATORS:
            if generator.loaded:
                self._watch(generator, self._patches)

    def look_back(self, cells: Iterable[str]) -> None:
        """Take generators for seeded that cells before this were about to seed, by their text: nobody watched them."""
        said = {match for cell in cells for match in SEEDED.findall(cell)}
        for generator in GENERATORS:
            named = any(OWNERS.get(owner, generator.name) == generator.name for owner in said)
            if named and generator.loaded:
                self.seeded.add(generator.name)

    def end(self) -> None:
        """Put back what was wrapped; those who wrapped the same before end after."""
        if self._patches is not None:
            self._patches.undo()

    def _watch(self, generator: Generator, patches: Patches) -> None:
        if generator.name not in self._watched:
            self._watched.add(generator.name)
            self._known[generator.name] = generator.read()
            for dotted in generator.seeding:
                self._wrap(generator, dotted, patches)
            for dotted in generator.telling:
                self._wrap_telling(generator, dotted, patches)

    def _watch_imports(self, patches: Patches) -> None:
        """Look at each library as its import ends: the same cell may go on to seed it, or to draw from it."""
        loader = importlib.machinery.SourceFileLoader
        original, by_module = loader.exec_module, {generator.module: generator for generator in GENERATORS}

        def exec_module(of: Any, module: Any) -> None:
            original(of, module)
            generator = by_module.get(module.__name__)
            if generator is not None:
                with unseen():
                    self._watch(generator, patches)
                    self._arrive(generator)

        patches.put(loader, "exec_module", exec_module)

    def _arrive(self, generator: Generator) -> None:
        """Give a generator that has come during a step the seed that it would have been given before."""
        use = self._use
        if use is not None:
            use.fresh[generator.name] = generator.read()
            if use.seed is not None:
                self._give(generator, use.seed)
            use.given[generator.name] = self._known[generator.name] = generator.read()

    def _give(self, generator: Generator, seed: int) -> None:
        """Seed a generator that nobody has seeded with what follows from a step's seed; its state is read next."""
        generator.seed(seed_for(generator.name, seed))
        self._known.pop(generator.name, None)

    def _wrap(self, generator: Generator, dotted: str, patches: Patches) -> None:
        owner, last = generator.place(dotted)
        original = getattr(owner, last)

        @functools.wraps(original)
        def seeding(*args: Any, **options: Any) -> Any:
            if self._use is not None:
                self._use.sets(generator)
            if any(value is not None for value in (*args, *options.values())):
                self.seeded.add(generator.name)
            else:
                self.seeded.discard(generator.name)
            result = original(*args, **options)
            self._known[generator.name] = generator.read()
            return result

        patches.put(owner, last, seeding)

    def _wrap_telling(self, generator: Generator, dotted: str, patches: Patches) -> None:
        owner, last = generator.place(dotted)
        original = getattr(owner, last)

        @functools.wraps(original)
        def telling(*args: Any, **options: Any) -> Any:
            if self._use is not None and not is_unseen():
                self._use.reads(generator.name)
            return original(*args, **options)

        patches.put(owner, last, telling)

    def draws(self, name: str) -> None:
        """Note that the step that runs, where one does, depends on the state of a generator."""
        if self._use is not None:
            self._use.reads(name)

    def states(self) -> dict[str, Any]:
        """Return the state of each generator that exists; one that somebody has seeded unseen counts as seeded now."""
        self.watch()
        states = {generator.name: generator.read() for generator in GENERATORS if generator.loaded}
        self._notice(states)
        return states

    def _notice(self, states: dict[str, Any]) -> None:
        """Take those for seeded whose state draws alone have not led to."""
        if self._process != os.getpid():  # Python and torch seed theirs anew in a fork
            self._known, self._process = {}, os.getpid()
        now = time.monotonic()
        patience = min(MOST, PATIENCE + 2 * (now - self._looked))
        for generator in GENERATORS:
            name = generator.name
            known, state = self._known.get(name), states.get(name)
            if name in self.seeded or known is None or state is None or state == known:
                continue
            if not generator.drawn(known, state, patience):
                if self._use is not None:
                    self._use.sets(generator)
                self.seeded.add(name)
        self._known.update(states)
        self._looked = time.monotonic()

    def restore(self, states: dict[str, Any]) -> None:
        """Put states back; a library that is not loaded is imported for it."""
        for generator in GENERATORS:
            if generator.name in states:
                if not generator.loaded:
                    __import__(generator.module)
                generator.write(states[generator.name])
                self._known[generator.name] = states[generator.name]

    def begin(self, seed: int | None) -> Use:
        """Begin a step: seed the generators that nobody seeded, each differently; return what is noted of them all."""
        states = self.states()
        use = Use(seed, set(self.seeded), states, self._use)
        for generator in GENERATORS:
            if seed is not None and generator.loaded and generator.name not in use.seeded:
                self._give(generator, seed)
        use.given = self.states()
        self._use = use
        return use

    def finish(self, use: Use) -> None:
        """End a step: put generators back that nobody has seeded."""
        use.after = self.states()
        self._use = use.outer
        for name, state in use.after.items():
            if name not in use.anew and state != use.given.get(name):
                use.reads(name)
        if use.seed is not None:
            mine = use.seeded | self.seeded
            self.restore({name: state for name, state in use.fresh.items() if name not in mine})
        if use.outer is not None:
            use.outer.has_inside(use)


class Use:
    """What a step has to do with the generators.

    Attributes:
        seed: what those that nobody seeded are seeded with; None where they are left alone.
        seeded: those that the notebook had seeded before the step.
        fresh: the states in which the step, or its import of the library, found them.
        given: the states that the step's code was given.
        after: the states that it left.
        read: those on whose given state its result depends: it drew from them, or asked for the state.
        anew: those whose state it set.
        outer: what the step that this one runs inside of has to do with them, or None.
    """

    def __init__(self, seed: int | None, seeded: set[str], fresh: dict[str, Any], outer: Use | None = None) -> None:
        self.outer = outer
        self.seed = seed
        self.seeded = seeded
        self.fresh = fresh
        self.given: dict[str, Any] = {}
        self.after: dict[str, Any] = {}
        self.read: set[str] = set()
        self.anew: set[str] = set()

    def reads(self, name: str) -> None:
        """Note that the state of a generator was made use of; that which the step has set itself is its own."""
        if name not in self.anew:
            self.read.add(name)

    def sets(self, generator: Generator) -> None:
        """Note that a generator's state is about to be set; what was drawn before shows in its state."""
        if generator.name not in self.anew:
            if generator.read() != self.given.get(generator.name):
                self.read.add(generator.name)
            self.anew.add(generator.name)

    def has_inside(self, inner: Use) -> None:
        """Take what a step inside of this one had to do with the generators for this one's own."""
        for name in inner.read:
            self.reads(name)
        self.anew |= inner.anew

    @property
    def versions(self) -> dict[str, str]:
        """What the result depends on: by generator, the version of the state, or that nobody had seeded it."""
        return {
            name: state_version(self.given[name]) if name in self.seeded else UNSEEDED for name in sorted(self.read)
        }


UNSEEDED = "unseeded"
"""Stands in a Trace for the state of a generator that nobody had seeded: the step was given a seed of its own."""
