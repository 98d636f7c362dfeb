"""Conformance suites that every store, catalog and executor passes."""
