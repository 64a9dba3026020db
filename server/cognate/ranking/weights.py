"""The learned weights of the ranking. Written by hand at first, to be replaced by training."""

PROSE_WEIGHTS = {
    "body": 2.0, "names": 1.0, "path": 0.6, "file": 1.0, "meaning": 2.5, "file_meaning": 1.2, "feedback": 1.0,
    "best_body_in_file": 0.5, "best_meaning_in_file": 0.5, "defines_mentioned": 2.0, "literal": 1.0,
    "file_name_covered": 1.5, "words_in_file_name": 1.0, "words_in_folder": 0.2, "words_in_path": 0.4,
    "definition_covered": 0.6, "words_in_definition": 1.0, "words_in_chunk": 1.0, "words_in_file": 1.0,
    "test": -1.5, "example": -1.5, "docs": -1.0, "compat": -0.8, "index": -0.6, "types": -0.4, "configuration": -0.8,
    "imports_only": -1.0, "short": -0.2, "opening": -0.1,
}  # fmt: skip
"""For questions and descriptions."""

NAME_WEIGHTS = {**PROSE_WEIGHTS, "defines": 5.0, "literal": 2.0}
"""For a query that is one name."""

SLOPE = 1.0
BIAS = -6.0
