"""The learned weights of the ranking; written by benchmarks/quality/train.py, not by hand."""

PROSE_WEIGHTS = {
    "body": 1.609,
    "file": 1.204,
    "meaning": 2.242,
    "file_meaning": 1.456,
    "feedback": 0.889,
    "meaning_alone": 1.909,
    "file_meaning_alone": 1.076,
    "best_meaning_in_file": 0.747,
    "defines": 0.000,
    "defines_mentioned": 1.399,
    "uses_mentioned": 1.909,
    "literal": 0.778,
    "qualified": 1.524,
    "file_name_covered": 0.972,
    "words_in_file_name": 0.899,
    "words_in_definition": 0.663,
    "words_in_chunk": 0.964,
    "words_in_file": 1.169,
    "declared": -2.000,
    "asked_kind": 1.105,
    "test": -1.748,
    "example": -1.474,
    "docs": -1.399,
    "imports_only": -1.034,
    "file_rank": 0.871,
    "symbol_rank": 0.920,
    "named_file": 3.000,
    "named_location": 10.000,
    "near": 0.400,
}
"""For questions and descriptions."""

NAME_WEIGHTS = {
    "body": 1.961,
    "file": 0.978,
    "meaning": 2.537,
    "file_meaning": 1.298,
    "feedback": 1.058,
    "meaning_alone": 2.000,
    "file_meaning_alone": 1.000,
    "best_meaning_in_file": 0.540,
    "defines": 4.941,
    "defines_mentioned": 2.000,
    "uses_mentioned": 1.935,
    "literal": 2.845,
    "qualified": 5.731,
    "file_name_covered": 1.742,
    "words_in_file_name": 1.233,
    "words_in_definition": 0.917,
    "words_in_chunk": 0.982,
    "words_in_file": 1.000,
    "declared": -5.000,
    "asked_kind": 1.000,
    "test": -1.513,
    "example": -1.500,
    "docs": -1.002,
    "imports_only": -1.000,
    "file_rank": 0.428,
    "symbol_rank": 0.293,
    "named_file": 3.000,
    "named_location": 10.000,
    "near": 0.400,
}
"""For a query that is one name."""

SLOPE = 0.3665
BIAS = -5.0143
"""The logistic curve that turns a linear score into a relevance."""

CALIBRATION = (0.2106, -0.1175, 0.7596, 6.6149, -5.4145)
NAME_CALIBRATION = (0.3000, 1.7522, 1.2075, -0.0437, -4.8201)
"""The curves of the calibrated probability: linear score, coverage, less the logarithm of the position, the
cosine of the closest chunk, bias."""
