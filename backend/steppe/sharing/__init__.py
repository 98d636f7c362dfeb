"""What goes to others and comes from them: bundles, whom to trust, and pages that need neither kernel nor server."""
