"""Failures of the protocol library: the same codes and the same advice as TypeScript's.

``protocol/errors.ts`` holds the table; a test compares the two.
"""

from __future__ import annotations

from typing import Final

from chongwen_flower.errors import ChongwenError

FIXES: Final = {
    "host-unsupported": "Run on a little-endian machine; every common one is.",
    "spec-invalid": "Correct the model specification; docs/protocol.md, “Model specification”, "
    "lists its rules.",
    "length-mismatch": "Pass exactly as many elements as the model specification has parameters.",
    "not-finite": "Find where training produced NaN or infinity; such an update must not be "
    "signed.",
    "out-of-range": "Pass a value within the range that the message states.",
    "rule-unknown": "Update this software, or use an aggregation or scoring rule that "
    "docs/protocol.md lists.",
    "weights-invalid": "Use integer weights 0..65535, at least one above zero, with a sum of at "
    "most 65535.",
    "too-few-updates": "Wait for more contributors, or trim fewer entries per side.",
    "column-invalid": "Rebuild the column from its entries; docs/protocol.md, “Packed columns”, "
    "gives its layout.",
    "signature-invalid": "Sign again with a wallet that makes canonical (low-s) ECDSA signatures.",
    "json-invalid": "Write the file as canonical JSON: sorted keys, no white space, integers "
    "only, UTF-8.",
    "manifest-invalid": "Fetch the bundle again from another source; if it stays so, its author "
    "has to publish a valid one.",
    "version-unknown": "Update this software: the file was written by a newer version.",
    "bundle-path": "Do not use this bundle: it names files that no bundle may have.",
    "bundle-unreadable": "Check the connection to the store and try again, or fetch the bundle "
    "from another source.",
    "privacy-mode-unsupported": "Use privacy mode A (public updates) or B (escrowed); masked sums "
    "are defined in the format and aggregated by no version yet.",
    "unsupported": "Use software that knows this part of the format, or a federation without it.",
    "open-round-invalid": "Ask the oracle for the open round again; if it stays so, do not train "
    "on it: its sender is not to be trusted.",
}


def protocol_error(code: str, message: str) -> ChongwenError:
    """Make an error whose code decides what its reader is told to do.

    Parameters
    ----------
    code
        A key of `FIXES`.
    message
        What happened, with the values that matter.

    Returns
    -------
    ChongwenError
        To be raised by the caller.
    """
    return ChongwenError(code, message, FIXES[code], retryable=code == "bundle-unreadable")
