"""Places where a task runs: how it is launched, followed, cancelled and its death explained."""
