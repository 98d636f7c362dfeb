"""Bytes by digest, and records by name."""
