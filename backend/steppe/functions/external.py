"""`steppe.ExternalResource`: a database, a cluster, a server that is there for a block of code, and gone after it."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from steppe.errors import UsageError
from steppe.functions import mocks

if TYPE_CHECKING:
    from steppe.functions.external_life import Life

LIFE = "_steppe_life"


class ExternalResource:
    """A database, a cluster, a server that is there for a block of code, and ended after it, whatever happens.

        class Database(steppe.ExternalResource):
            def __init__(self, dump): self.dump = dump
            def activate(self): self.pid = start(self.dump)
            def deactivate(self): stop(self.pid)
            def identity(self): return digest(self.dump)

        with Database("sales.sql") as db:
            report(db)

    In `async` code it is `async with`, and its methods may be coroutines: the event loop goes on meanwhile.

    It is ended after an error, an interrupt and where this process is killed, by another one that looks after it.
    Attributes whose names begin with `_` stay in this process; all others are known to that one, and to workers.

    Attributes:
        activation_timeout: seconds within which it has to be active.
        deactivation_timeout: seconds that `deactivate` may take.
        poll_seconds: seconds between two questions whether it is (still) active.
    """

    activation_timeout: float = 600.0
    deactivation_timeout: float = 300.0
    poll_seconds: float = 5.0

    # What its class says

    def activate(self) -> None:
        """Raise it, or begin to, and keep in attributes what ends it. Then `is_active` is asked until it says yes."""
        raise UsageError(f"{type(self).__qualname__} has no method `activate()`: it says how the resource is raised.")

    def deactivate(self) -> None:
        """End it, and return once it is gone. It may be called twice, for what is half there, in another process."""
        raise UsageError(f"{type(self).__qualname__} has no method `deactivate()`: it says how the resource is ended.")

    def is_active(self) -> bool:
        """Tell whether it can be used: asked until it can, then now and again. An error is a no that says why."""
        return True

    def identity(self) -> Any:
        """Return what a step's result depends on where it is given this resource, such as the version of its data.

        Two of one class with equal identities stand for each other: where they are, under which port or name, is in no
        key. None, the default, says that nothing is known: steps that are given it run each time.
        """
        return None

    # What can be asked and told

    @property
    def state(self) -> str:
        """`created`, `activating`, `active`, `deactivating` or `deactivated`."""
        life = vars(self).get(LIFE)
        return "created" if life is None else str(life.state)

    def keep(self) -> None:
        """In `activate`: have what the attributes hold so far known to the process that ends it if this one dies."""
        life = vars(self).get(LIFE)
        if life is not None:
            life.hand_over()

    def check(self) -> None:
        """Do nothing while it is there.

        Raises:
            ResourceFailed: it has been seen to be gone.
        """
        life = vars(self).get(LIFE)
        if life is not None:
            life.check()

    # The block of code

    def __enter__(self) -> Self:
        mine, life = self._steppe_begun()
        if life is not None:
            life.begin()
        return mine

    async def __aenter__(self) -> Self:
        mine, life = self._steppe_begun()
        if life is not None:
            await life.begin_async()
        return mine

    def _steppe_begun(self) -> tuple[Self, Life | None]:
        """Return what is used in the block, and its life where there is one to lead."""
        if mocks.MOCKS:
            found, stand_in = mocks.MOCKS[-1].resource(self)
            if found:
                return stand_in, None
        if self.state not in ("created", "deactivated"):
            raise UsageError(f"this {type(self).__qualname__} is {self.state} already: make another one.")
        from steppe.functions.external_life import Life

        life = vars(self)[LIFE] = Life(self)
        return self, life

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        life = vars(self).get(LIFE)
        if life is not None:
            life.end(error)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        life = vars(self).get(LIFE)
        if life is not None:
            await life.end_async(error)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what stays in this process: attributes whose names begin with `_`."""
        return {name: value for name, value in vars(self).items() if not name.startswith("_") or name == LIFE}
