"""``python -m chongwen_flower.signer``."""

from __future__ import annotations

import sys

from chongwen_flower.signer.cli import main

sys.exit(main())
