"""What a repository's history knows: reading git, keeping it, and finding commits by words, meaning and place."""
