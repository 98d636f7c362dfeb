"""A notebook held against how it was: rules for its numbers, tables and figures; for CI and for pytest."""
