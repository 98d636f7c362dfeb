"""Alembic's migrations of the Catalog: `env.py` and one file a revision in `versions`. See `migrate.py`."""
