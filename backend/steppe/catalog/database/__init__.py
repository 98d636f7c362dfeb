"""The floor under the nouns: connections, transactions, the journal. Knows no table; statements come by name."""

from steppe.catalog.database.backend import Backend, Connection
from steppe.catalog.database.journal import Journal
from steppe.catalog.database.packing import brief, pack, plain, stored, unpack
from steppe.catalog.database.transactions import Database, Row, Transaction

__all__ = [
    "Backend",
    "Connection",
    "Database",
    "Journal",
    "Row",
    "Transaction",
    "brief",
    "pack",
    "plain",
    "stored",
    "unpack",
]
