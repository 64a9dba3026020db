"""The learned weights of the ranking; written by benchmarks/quality/train.py, not by hand."""

PROSE_WEIGHTS = {
    "body": 1.532,
    "names": 0.302,
    "file": 1.187,
    "meaning": 2.203,
    "file_meaning": 1.363,
    "feedback": 0.806,
    "meaning_alone": 1.928,
    "file_meaning_alone": 1.081,
    "best_body_in_file": 0.243,
    "best_meaning_in_file": 0.631,
    "defines_mentioned": 1.351,
    "uses_mentioned": 1.975,
    "literal": 0.755,
    "qualified": 1.524,
    "file_name_covered": 0.889,
    "words_in_file_name": 0.863,
    "words_in_folder": 0.272,
    "words_in_path": 0.363,
    "words_in_definition": 0.430,
    "words_in_chunk": 1.039,
    "words_in_file": 1.204,
    "asked_kind": 1.111,
    "test": -1.827,
    "example": -1.467,
    "docs": -1.406,
    "compat": -0.978,
    "index": -0.399,
    "types": -0.384,
    "configuration": -0.811,
    "imports_only": -1.013,
    "short": -0.214,
    "opening": -0.477,
    "file_rank": 0.793,
    "symbol_rank": 0.839,
    "near": 0.400,
}
"""For questions and descriptions."""

NAME_WEIGHTS = {
    "body": 1.956,
    "names": 0.944,
    "file": 0.975,
    "meaning": 2.547,
    "file_meaning": 1.283,
    "feedback": 1.055,
    "meaning_alone": 2.000,
    "file_meaning_alone": 1.000,
    "best_body_in_file": 0.433,
    "best_meaning_in_file": 0.533,
    "defines": 5.040,
    "defines_mentioned": 2.000,
    "uses_mentioned": 1.909,
    "literal": 2.743,
    "qualified": 5.742,
    "file_name_covered": 1.731,
    "words_in_file_name": 1.216,
    "words_in_folder": 0.213,
    "words_in_path": 0.604,
    "definition_covered": 0.456,
    "words_in_definition": 0.957,
    "words_in_chunk": 0.975,
    "words_in_file": 1.000,
    "asked_kind": 1.000,
    "test": -1.532,
    "example": -1.500,
    "docs": -1.001,
    "compat": -0.857,
    "index": -0.605,
    "types": -0.400,
    "configuration": -0.800,
    "imports_only": -1.000,
    "short": -0.190,
    "opening": -0.328,
    "file_rank": 0.423,
    "symbol_rank": 0.312,
    "near": 0.400,
}
"""For a query that is one name."""

SLOPE = 0.3303
BIAS = -4.9583
"""The logistic curve that turns a linear score into a relevance."""

CALIBRATION = (-0.0231, 1.8705, 0.9849, -0.8451)
NAME_CALIBRATION = (0.2689, 2.8373, 0.7130, -6.2629)
"""The curves of the calibrated probability: linear score, coverage, less the logarithm of the position, bias."""
