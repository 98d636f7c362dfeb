"""Questions to the past: why, what made this."""
