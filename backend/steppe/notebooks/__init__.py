"""Notebooks from outside the kernel: read, run, plan."""
