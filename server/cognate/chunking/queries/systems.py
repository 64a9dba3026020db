"""Definition queries."""

QUERIES: dict[str, str] = {}
