"""`%%step` and `%steppe` for IPython: parse, hand over to the core, show."""
