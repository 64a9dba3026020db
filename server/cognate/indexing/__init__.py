"""Use cases over all rooms below: one writer that changes the index, and questions that read it."""
