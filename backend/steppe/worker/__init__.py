"""Runs one task anywhere, and records what it shows, reads, writes and leaves behind."""
