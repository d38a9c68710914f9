"""Examples are no part of the package; tests find them as `flwr run` and a reader do."""

import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"
sys.path[:0] = [str(EXAMPLES), str(EXAMPLES / "skin")]
