"""Code that is related to a definition: what is like it, its tests, callers, callees, siblings and docs."""
