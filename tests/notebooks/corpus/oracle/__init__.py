"""Digests of values, taken without any of Steppe's code. Runs inside a kernel, under whatever name it has there."""
