"""What answers the routes of `table.py`: one noun a file."""
