"""Every error that Steppe raises on purpose. Each message says what is wrong, where, and what to do.

SteppeError
├── UsageError                 the line or the setting is wrong: nothing was run
│   ├── UnknownOption          %%step gpus=1
│   ├── BadOption              %%step memory=lots
│   └── WrongType              an argument of a step is not what its type hint says
├── StoreError
│   ├── MissingArtifact        nothing is stored under this digest
│   ├── CorruptArtifact        what is stored does not have this digest
│   └── StoreUnavailable       read-only, full, or out of reach
├── CatalogError               the catalog's database is out of reach, locked or of a newer version
├── Unversionable              a value has no data version: a connection, a generator
├── HalfBound                  a stored result could not be bound whole; running the cell now would do things twice
├── ResourceFailed             an external resource did not come up, did not go, or is gone while it is needed
├── CannotMove                 a value can't leave the kernel, and the step has to
├── InexactModel               what a model was exported to does not give what the model gives
├── StepFailed                 a step that ran elsewhere raised; carries the original traceback
│   ├── StepCancelled
│   ├── StepTimedOut
│   └── WorkerDied             killed by a signal, the OOM killer, a lost machine
└── IllegalTransition          a state that may not follow another: a defect of ours
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SteppeError(Exception):
    """Any error that Steppe raises on purpose."""


class UsageError(SteppeError):
    """What was asked for is not possible as it is written; nothing was run."""


class UnknownOption(UsageError):
    """A `key=value` whose key is not an option of `%%step`."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        """Name the nearest known option."""
        known = sorted(known)
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f"did you mean `{near[0]}`?" if near else f"the options are {', '.join(known)}."
        super().__init__(f"%%step has no option `{name}`: {hint}")
        self.name = name


class BadOption(UsageError):
    """An option's value does not fit it."""

    def __init__(self, name: str, value: object, wanted: str) -> None:
        """Say what would fit."""
        super().__init__(f"%%step {name}={value}: {wanted}.")
        self.name = name


class WrongType(UsageError, TypeError):
    """An argument of a step, or what it has returned, is not what its type hint says."""


class StoreError(SteppeError):
    """The Store could not do what was asked."""


class MissingArtifact(StoreError):
    """Nothing is stored under a digest."""

    def __init__(self, digest: str) -> None:
        """Name the digest."""
        super().__init__(f"nothing is stored under {digest}: it was removed, or never finished. Run the step again.")
        self.digest = digest


class CorruptArtifact(StoreError):
    """What is stored under a digest does not have that digest."""

    def __init__(self, digest: str, where: str) -> None:
        """Name the digest and where its bytes were set aside."""
        super().__init__(f"the bytes stored under {digest} have changed; they were set aside at {where}.")
        self.digest = digest
        self.where = where


class StoreUnavailable(StoreError):
    """The Store can't be written or reached: read-only, full, or gone."""


class CatalogError(SteppeError):
    """The Catalog's database can't be used."""


class Unversionable(SteppeError):
    """A value has no data version.

    Attributes:
        path: where inside the variable it was found, such as `.pool[0]`.
        what: the class of the value that could not be versioned.
        reason: why not.
    """

    def __init__(self, what: str, reason: str, path: str = "") -> None:
        """Say which class, and why it has no version."""
        super().__init__(what, reason, path)
        self.what = what
        self.reason = reason
        self.path = path

    def __str__(self) -> str:
        where = f" (at {self.path})" if self.path else ""
        return f"{self.what}{where} has no version: {self.reason}"

    def under(self, step: str) -> Unversionable:
        """Return the same error seen from one level further out."""
        return Unversionable(self.what, self.reason, step + self.path)


class CannotMove(SteppeError):
    """A value can't leave the kernel, and its step has to."""


class ResourceFailed(SteppeError):
    """An external resource did not come up, did not go away, or was gone while it was needed."""


class HalfBound(SteppeError):
    """A stored result could not be bound whole: to run the cell now would change twice what is bound already."""

    def __init__(self, step: str, error: Exception) -> None:
        """Name the step, and what went wrong."""
        super().__init__(
            f"the stored result of `{step}` could be bound in part only ({error!r}), and the cell was not run. "
            f"`%steppe clear {step}` forgets the result; restart the kernel and run again."
        )


class InexactModel(SteppeError):
    """What a model was exported to does not give, on the sample, what the model gives."""


class StepFailed(SteppeError):
    """A step failed out of the kernel."""


class StepCancelled(StepFailed):
    """A step was cancelled."""


class StepTimedOut(StepFailed):
    """A step ran longer than its `timeout`."""


class WorkerDied(StepFailed):
    """A step's worker ended without a result."""


class IllegalTransition(SteppeError):
    """A state may not follow another. This is a defect of Steppe's."""

    def __init__(self, now: str, to: str) -> None:
        """Name both states."""
        super().__init__(f"a StepRun can't go from {now} to {to}. This is a defect of Steppe's: please report it.")
