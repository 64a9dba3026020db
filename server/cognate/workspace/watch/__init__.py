"""Finding what changed in a folder: watchdog, an emitter of our own for Linux, and what to do without either."""
