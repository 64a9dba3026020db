"""What arrays of vectors are called; apart from the other nouns, which the wire needs without numpy."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float32]
"""Shape (dimensions,), unit length."""

Matrix: TypeAlias = NDArray[np.float32]
"""Shape (rows, dimensions), each row of unit length."""
