"""What happens to a step: key, lookup, claim, run, retry."""
