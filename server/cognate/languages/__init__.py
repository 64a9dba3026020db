"""What Cognate knows about each language: a folder a language, read by ``registry``. Knows no parser and no index."""
