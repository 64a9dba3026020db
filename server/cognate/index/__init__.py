"""The index of one folder: store, lexical index, vector index, and one change applied to all three."""
