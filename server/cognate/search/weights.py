"""The learned weights of the ranking; written by benchmarks/quality/train.py, not by hand."""

PROSE_WEIGHTS = {
    "body": 1.542,
    "file": 1.196,
    "meaning": 2.291,
    "file_meaning": 1.505,
    "feedback": 0.962,
    "meaning_alone": 1.928,
    "file_meaning_alone": 1.081,
    "best_meaning_in_file": 0.796,
    "defines": 0.000,
    "defines_mentioned": 1.422,
    "uses_mentioned": 1.859,
    "literal": 0.775,
    "qualified": 1.524,
    "file_name_covered": 0.991,
    "words_in_file_name": 0.900,
    "words_in_definition": 0.691,
    "words_in_chunk": 0.868,
    "words_in_file": 1.105,
    "asked_kind": 1.097,
    "test": -1.678,
    "example": -1.473,
    "docs": -1.392,
    "imports_only": -1.038,
    "file_rank": 0.872,
    "symbol_rank": 0.967,
    "near": 0.400,
}
"""For questions and descriptions."""

NAME_WEIGHTS = {
    "body": 1.929,
    "file": 0.975,
    "meaning": 2.514,
    "file_meaning": 1.297,
    "feedback": 1.040,
    "meaning_alone": 2.0,
    "file_meaning_alone": 1.0,
    "best_meaning_in_file": 0.533,
    "defines": 4.808,
    "defines_mentioned": 2.000,
    "uses_mentioned": 1.965,
    "literal": 2.969,
    "qualified": 5.742,
    "file_name_covered": 1.741,
    "words_in_file_name": 1.244,
    "words_in_definition": 0.837,
    "words_in_chunk": 0.992,
    "words_in_file": 1.000,
    "asked_kind": 1.000,
    "test": -1.502,
    "example": -1.500,
    "docs": -1.001,
    "imports_only": -1.000,
    "file_rank": 0.437,
    "symbol_rank": 0.287,
    "near": 0.400,
}
"""For a query that is one name."""

SLOPE = 0.3665
BIAS = -5.0143
"""The logistic curve that turns a linear score into a relevance."""

CALIBRATION = (0.0113, 1.5253, 0.9113, -0.8188)
NAME_CALIBRATION = (0.3644, -3.0769, 0.6269, -1.2422)
"""The curves of the calibrated probability: linear score, coverage, less the logarithm of the position, bias."""
