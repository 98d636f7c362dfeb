"""The database of runs, steps, artifacts and edges."""
