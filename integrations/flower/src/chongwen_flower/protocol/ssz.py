"""SSZ ``hash_tree_root`` of updates and models, by hashing whole levels over flat buffers.

An update is ``Vector[uint16, P]``, a model ``Vector[uint32, P]``; signed lanes in two's complement.
A root alone does not tell the two apart: it has meaning only with the model specification of the
signed configuration.

Source: Ethereum consensus specifications, "SimpleSerialize (SSZ)", section Merkleization
(https://github.com/ethereum/consensus-specs/tree/dev/ssz).
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

import numpy as np
from numpy.typing import NDArray

from chongwen_flower.protocol.failures import protocol_error
from chongwen_flower.protocol.lanes import lane_bytes
from chongwen_flower.protocol.vector_shape import vector_shape

CHUNK: Final = 32
MAX_DEPTH: Final = 36

_ZERO_CHUNK = bytes(CHUNK)
_RUN = 2**20
"""Bytes of a level hashed at a time: so the digests of a run, one object each, stay few."""

Buffer = bytes | memoryview


def hash_tree_root(data: Buffer, depth: int, filler: bytes = _ZERO_CHUNK) -> bytes:
    """Give the root of packed elements, padded to 2^depth chunks.

    Parameters
    ----------
    data
        Little-endian elements, up to 32·2^depth bytes. A last partial chunk is padded with zeros.
    depth
        log2 of the vector's chunk count.
    filler
        The chunk that stands behind the data. It costs one hash a level, however often it stands.

    Returns
    -------
    bytes
        32 bytes.

    Raises
    ------
    ChongwenError
        ``out-of-range`` when the bytes do not fit.
    """
    if not 0 <= depth <= MAX_DEPTH:
        message = f"A tree depth is an integer 0..{MAX_DEPTH}, got {depth}."
        raise protocol_error("out-of-range", message)
    if len(data) > CHUNK << depth:
        message = f"{len(data)} bytes do not fit {1 << depth} chunks (depth {depth})."
        raise protocol_error("out-of-range", message)
    level, behind = data, filler
    for _ in range(depth):
        level = _level_above(level, behind)
        behind = sha256(behind + behind).digest()
    return bytes(level).ljust(CHUNK, b"\0") if len(level) else behind


def update_root(lanes: NDArray[np.int16]) -> bytes:
    """Give the root of an update of N int16 lanes."""
    _require(lanes, np.int16)
    return hash_tree_root(lane_bytes(lanes), vector_shape(lanes.size).update_depth)


def model_root(lanes: NDArray[np.int32]) -> bytes:
    """Give the root of a model of N int32 lanes."""
    _require(lanes, np.int32)
    return hash_tree_root(lane_bytes(lanes), vector_shape(lanes.size).model_depth)


def _require(lanes: NDArray[np.int16] | NDArray[np.int32], lane: type) -> None:
    if lanes.dtype != lane:
        raise TypeError(f"expected {np.dtype(lane)} lanes, got {lanes.dtype}")


def _level_above(level: Buffer, behind: bytes) -> bytes:
    """Hash pairs. Only what is in front of the filler is stored; `behind` is its subtree here."""
    whole = len(level) // 64 * 64
    above = [_hash_run(level[at : min(at + _RUN, whole)]) for at in range(0, whole, _RUN)]
    rest = bytes(level[whole:])
    if rest:
        right = rest[CHUNK:].ljust(CHUNK, b"\0") if len(rest) > CHUNK else behind
        above.append(sha256(rest[:CHUNK].ljust(CHUNK, b"\0") + right).digest())
    return b"".join(above)


def _hash_run(run: Buffer) -> bytes:
    return b"".join([sha256(run[at : at + 64]).digest() for at in range(0, len(run), 64)])
