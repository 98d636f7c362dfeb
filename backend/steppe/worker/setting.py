"""What surrounds every execution in one process. Light: the kernel loads it with the extension."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from steppe.types import Buffer, Digest
from steppe.values.codes import CodeTable
from steppe.values.walk import Home
from steppe.worker.ambient import Ambient
from steppe.worker.module_state import AtImport
from steppe.worker.places import Places
from steppe.worker.randomness import Randomness


class Setting:
    """What lasts longer than one execution: the namespace, the code, the state of the process around it.

    Attributes:
        shell: the IPython shell.
        home: what is known of code.
        table: the notebook's code, by version.
        ambient: the ambient state.
        randomness: the global generators.
        places: which paths matter.
        put: stores bytes.
        at_import: what the project's modules held when their import had ended.
    """

    def __init__(
        self,
        shell: Any,
        home: Home,
        table: CodeTable,
        ambient: Ambient,
        randomness: Randomness,
        places: Places,
        put: Callable[[Iterable[Buffer]], Digest],
    ) -> None:
        self.shell = shell
        self.home = home
        self.table = table
        self.ambient = ambient
        self.randomness = randomness
        self.places = places
        self.put = put
        self.at_import = AtImport(home)

    @property
    def namespace(self) -> dict[str, Any]:
        """The notebook's variables."""
        found: dict[str, Any] = self.shell.user_ns
        return found
