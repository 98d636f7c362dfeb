"""Steppe: notebook cells as cached, traced pipeline steps. The public API, and nothing else."""
