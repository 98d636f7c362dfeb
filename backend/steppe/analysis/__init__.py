"""Source text to names, dependencies and code versions. Pure: no I/O, no kernel."""
