"""The global random generators: their states as inputs and outputs, and seeds for steps that nobody seeded.

A generator counts as seeded once the notebook has set its state through one of the functions of `SEEDING`; these are
wrapped, in place, to note that. An unseeded one is given a seed that follows from the step's key, and put back after.
"""

from __future__ import annotations

import functools
import importlib.machinery
import sys
from collections.abc import Callable
from typing import Any

from blake3 import blake3

from steppe.values.walk import content
from steppe.worker.patches import Patches
from steppe.worker.trace import unseen


class Generator:
    """One global generator, as a pair of functions over its state.

    Attributes:
        name: how it is called in explanations.
        module: what must be loaded for it to exist.
        read: returns its state, as plain data.
        write: sets its state.
        seed: seeds it with an integer below 2**32.
        seeding: functions of the module (dotted) that the notebook may call to set the state.
    """

    def __init__(
        self,
        name: str,
        read: Callable[[], Any],
        write: Callable[[Any], None],
        seed: Callable[[int], Any],
        *seeding: str,
    ) -> None:
        self.name = name
        self.module = name
        self.read = read
        self.write = write
        self.seed = seed
        self.seeding = seeding

    @property
    def loaded(self) -> bool:
        """Tell whether the generator's library is imported."""
        module = sys.modules.get(self.module)
        return module is not None and not getattr(module.__spec__, "_initializing", False)


def _random() -> Any:
    return sys.modules["random"]


def _numpy() -> Any:
    return sys.modules["numpy"].random


def _torch() -> Any:
    return sys.modules["torch"]


def _read_torch() -> Any:
    torch = _torch()
    states = [torch.default_generator.get_state().numpy().tobytes()]
    if torch.cuda.is_initialized():
        states += [state.cpu().numpy().tobytes() for state in torch.cuda.get_rng_state_all()]
    return tuple(states)


def _write_torch(states: Any) -> None:
    torch = _torch()
    tensors = [torch.frombuffer(bytearray(state), dtype=torch.uint8) for state in states]
    torch.default_generator.set_state(tensors[0])
    if len(tensors) > 1 and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(tensors[1:])


def _seed_torch(seed: int) -> None:
    torch = _torch()
    torch.default_generator.manual_seed(seed)
    if torch.cuda.is_initialized():
        torch.cuda.manual_seed_all(seed)


def _read_numpy() -> Any:
    kind, keys, position, has_gauss, gauss = _numpy().get_state()
    return kind, keys.tobytes(), position, has_gauss, gauss


def _write_numpy(state: Any) -> None:
    numpy = sys.modules["numpy"]
    kind, keys, position, has_gauss, gauss = state
    numpy.random.mtrand._rand.set_state(  # noqa: SLF001  # `numpy.random.set_state` is wrapped
        (kind, numpy.frombuffer(keys, dtype=numpy.uint32), position, has_gauss, gauss)
    )


GENERATORS = (
    Generator(
        "random",
        lambda: _random()._inst.getstate(),  # noqa: SLF001, PLW0108  # the generator behind `random.random`
        lambda state: _random()._inst.setstate((state[0], tuple(state[1]), state[2])),  # noqa: SLF001
        lambda seed: _random()._inst.seed(seed),  # noqa: SLF001, PLW0108
        "seed",
        "setstate",
    ),
    Generator(
        "numpy",
        _read_numpy,
        _write_numpy,
        lambda seed: _numpy().mtrand._rand.seed(seed),  # noqa: SLF001, PLW0108
        "random.seed",
        "random.set_state",
    ),
    Generator("torch", _read_torch, _write_torch, _seed_torch, "manual_seed", "random.manual_seed", "set_rng_state"),
)


class Randomness:
    """The global generators of this process, and which of them the notebook has seeded."""

    def __init__(self) -> None:
        self.seeded: set[str] = set()
        self._arrived: dict[str, tuple[Any, Any]] = {}
        self._seed: int | None = None
        self._watched: set[str] = set()
        self._silent = 0
        self._patches: Patches | None = None

    def watch(self) -> None:
        """Wrap the seeding functions of the libraries that are loaded, and that will be, so that a seed is noticed."""
        if self._patches is None:
            self._patches = Patches()
            self._watch_imports(self._patches)
        for generator in GENERATORS:
            if generator.loaded:
                self._watch(generator, self._patches)

    def end(self) -> None:
        """Put back what was wrapped; those who wrapped the same before end after."""
        if self._patches is not None:
            self._patches.undo()

    def _watch(self, generator: Generator, patches: Patches) -> None:
        if generator.name not in self._watched:
            self._watched.add(generator.name)
            for dotted in generator.seeding:
                self._wrap(generator, dotted, patches)

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
        if self._seed is not None:
            fresh = generator.read()
            generator.seed(seed_for(generator.name, self._seed))
            self._arrived[generator.name] = fresh, generator.read()

    def _wrap(self, generator: Generator, dotted: str, patches: Patches) -> None:
        *path, last = dotted.split(".")
        owner: Any = sys.modules[generator.module]
        for name in path:
            owner = getattr(owner, name)
        original = getattr(owner, last)

        @functools.wraps(original)
        def seeding(*args: Any, **options: Any) -> Any:
            given = [value for value in (*args, *options.values()) if value is not None]
            if given and not self._silent:
                self.seeded.add(generator.name)
            elif not self._silent:
                self.seeded.discard(generator.name)
            return original(*args, **options)

        patches.put(owner, last, seeding)

    def states(self) -> dict[str, Any]:
        """Return the state of each generator that exists."""
        self.watch()
        return {generator.name: generator.read() for generator in GENERATORS if generator.loaded}

    def restore(self, states: dict[str, Any]) -> None:
        """Put states back; a library that is not loaded is imported for it."""
        for generator in GENERATORS:
            if generator.name in states:
                if not generator.loaded:
                    __import__(generator.module)
                generator.write(states[generator.name])

    def seed_unseeded(self, seed: int, but: set[str]) -> None:
        """Seed each generator that is not in `but`, each differently, and those that are yet to come in this step."""
        self._arrived.clear()
        self._seed = seed
        for generator in GENERATORS:
            if generator.loaded and generator.name not in but:
                generator.seed(seed_for(generator.name, seed))

    def step_ends(self) -> dict[str, tuple[Any, Any]]:
        """Return the states that generators came with during a step, and those that they were given."""
        self._seed = None
        arrived, self._arrived = self._arrived, {}
        return arrived


def seed_for(name: str, seed: int) -> int:
    """Return one generator's seed below 2**32 for a step's seed."""
    return int.from_bytes(blake3(f"{name}:{seed}".encode()).digest()[:4], "little")


def state_version(state: Any) -> str:
    """Return the version of a generator's state."""
    return f"b3:{content(repr(state).encode()).hex()}"
