"""A notebook's pipeline written for others: as a plain module, and for other schedulers. Nothing is executed."""
