"""Stored frames and arrays in batches, read ahead of whoever takes them: `steppe.stream`."""
