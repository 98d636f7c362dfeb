"""Files whose operations fail when a test says so."""

from steppe.store.files import Files

OPERATIONS = (
    "create", "write", "start_flush", "sync", "close", "link", "rename", "unlink", "touch", "make_folder",
    "remove_folder", "sync_folder", "append", "write_at", "extend",
)  # fmt: skip


class FaultyFiles(Files):
    """Calls `fault(name)` before each operation; it may raise."""

    def __init__(self, fault):
        self.fault = fault


def _faulty(name):
    plain = getattr(Files, name)

    def operation(self, *args):
        self.fault(name)
        return plain(self, *args)

    return operation


for _name in OPERATIONS:
    setattr(FaultyFiles, _name, _faulty(_name))
