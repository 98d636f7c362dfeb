"""Values to data versions, bytes and previews. One file a family."""
