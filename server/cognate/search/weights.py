"""The learned weights of the ranking; written by benchmarks/quality/train.py, not by hand."""

PROSE_WEIGHTS = {
    "body": 1.921,
    "file": 1.285,
    "meaning": 2.215,
    "file_meaning": 1.383,
    "feedback": 0.734,
    "meaning_alone": 1.772,
    "file_meaning_alone": 0.930,
    "translated_alone": 1.802,
    "file_translated_alone": 0.889,
    "best_meaning_in_file": 0.711,
    "defines": 0.000,
    "defines_mentioned": 1.423,
    "uses_mentioned": 1.964,
    "literal": 0.809,
    "qualified": 1.523,
    "file_name_covered": 1.486,
    "words_in_file_name": 0.966,
    "words_in_definition": 0.665,
    "words_in_chunk": 1.107,
    "words_in_file": 1.249,
    "declared": -2.073,
    "asked_kind": 1.066,
    "test": -1.911,
    "example": -1.480,
    "docs": -1.459,
    "imports_only": -1.041,
    "file_rank": 0.834,
    "symbol_rank": 0.867,
    "named_file": 3.000,
    "named_location": 10.000,
    "near": 0.400,
}
"""For questions and descriptions."""

NAME_WEIGHTS = {
    "body": 1.989,
    "file": 0.990,
    "meaning": 2.535,
    "file_meaning": 1.293,
    "feedback": 1.054,
    "meaning_alone": 2.001,
    "file_meaning_alone": 1.000,
    "translated_alone": 1.499,
    "file_translated_alone": 0.500,
    "best_meaning_in_file": 0.527,
    "defines": 5.074,
    "defines_mentioned": 2.000,
    "uses_mentioned": 1.906,
    "literal": 2.727,
    "qualified": 5.726,
    "file_name_covered": 1.754,
    "words_in_file_name": 1.218,
    "words_in_definition": 0.996,
    "words_in_chunk": 0.972,
    "words_in_file": 1.001,
    "declared": -4.956,
    "asked_kind": 1.000,
    "test": -1.524,
    "example": -1.500,
    "docs": -1.005,
    "imports_only": -1.000,
    "file_rank": 0.437,
    "symbol_rank": 0.319,
    "named_file": 3.000,
    "named_location": 10.000,
    "near": 0.400,
}
"""For a query that is one name."""

SLOPE = 0.3741
BIAS = -5.3408
"""The logistic curve that turns a linear score into a relevance."""

CALIBRATION = (0.1887, -0.2950, 0.8071, 6.5187, -5.0015)
NAME_CALIBRATION = (0.3235, 1.5757, 1.0840, 0.0618, -5.1924)
"""The curves of the calibrated probability: linear score, coverage, less the logarithm of the position, the
cosine of the closest chunk, bias."""
