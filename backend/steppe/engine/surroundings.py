"""What surrounds every step of a session. Light: the kernel loads it with the extension."""

from __future__ import annotations

from steppe.engine.elsewhere import Elsewhere
from steppe.engine.environment import Distributions
from steppe.engine.modules import Modules
from steppe.engine.setup_log import SetupLog
from steppe.values.walk import Home
from steppe.worker.ambient import Ambient
from steppe.worker.module_state import AtImport


class Surroundings:
    """What a step may depend on beside the variables: all that lasts as long as the session.

    Attributes:
        home: what is known of the notebook's code.
        modules: the project's modules.
        distributions: the installed packages.
        ambient: the ambient state.
        setup: the setup that was run.
        at_import: what the project's modules held when their import had ended.
        env: the policy for packages: `imports`, `lock` or `ignore`.
        elsewhere: what bundles tell of packages that are not here.
    """

    def __init__(
        self,
        home: Home,
        modules: Modules,
        distributions: Distributions,
        ambient: Ambient,
        setup: SetupLog,
        env: str,
        at_import: AtImport,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self.elsewhere = elsewhere
        self.at_import = at_import
        self.home = home
        self.modules = modules
        self.distributions = distributions
        self.ambient = ambient
        self.setup = setup
        self.env = env
