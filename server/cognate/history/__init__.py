"""What a repository's history knows: reading git, keeping it, and finding commits by words, meaning and place."""

HISTORY_FILE = "history-v1.sqlite"
"""In the index's folder; the number is the version of its format."""
