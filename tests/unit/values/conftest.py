"""These tests share a notebook without a shell and a table of specimens, which child processes import too."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
