"""Text to vectors: what a chunk says to the model, the model itself, and the cache of what it answered."""
