"""Named arrays of an app, and the one flat vector that the ledger knows.

An app's arrays are floats, and sometimes integers (BatchNorm's ``num_batches_tracked``). What is
rounded may be averaged; what counts may not be guessed: an integer array is declared, or refused.

``local``
    Not federated. Every site keeps what the server sent; it is in no update and in no model.
``count``
    Federated exactly: lanes with no fraction bits, so that a lane is the integer itself.

Declarations are names or patterns (``{"*.num_batches_tracked": "local"}``), the same for the mod
and for the strategy.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase
from math import prod
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.model_spec import ModelSpec

Arrays: TypeAlias = Mapping[str, NDArray[Any]]
Buffers: TypeAlias = Mapping[str, str]
Kind: TypeAlias = Literal["float", "local", "count"]


def kind_of(name: str, dtype: np.dtype[Any], buffers: Buffers) -> Kind:
    """Say what becomes of an array: averaged as floats, kept at the site, or counted exactly.

    Raises
    ------
    ChongwenError
        ``buffer-undeclared``, ``buffer-invalid``, ``tensor-dtype``.
    """
    declared = {kind for pattern, kind in buffers.items() if fnmatchcase(name, pattern)}
    if len(declared) > 1 or not declared <= {"local", "count"}:
        raise ChongwenError(
            "buffer-invalid",
            f"Array “{name}” is declared as {' and as '.join(sorted(map(repr, declared)))}.",
            "Declare each buffer once, as 'local' or as 'count', in LedgerMod and in the strategy.",
        )
    if declared == {"local"}:
        return "local"
    if dtype.kind in "iub":
        if declared:
            return "count"
        raise ChongwenError(
            "buffer-undeclared",
            f"Array “{name}” holds {dtype} and is not declared: integers are not averaged unasked.",
            f'Declare it in LedgerMod and in the strategy: buffers={{"{name}": "local"}} keeps it '
            f'at each site, buffers={{"{name}": "count"}} federates it exactly.',
        )
    if declared:
        raise ChongwenError(
            "buffer-invalid",
            f"Array “{name}” is declared a count and holds {dtype}.",
            "Declare only integer arrays as counts; floats need no declaration.",
        )
    if dtype.kind != "f" or dtype.itemsize > 8:
        raise ChongwenError(
            "tensor-dtype",
            f"Array “{name}” holds {dtype}, which has no place in an update.",
            "Send float16, float32 or float64 arrays.",
        )
    return "float"


def federated(arrays: Arrays, buffers: Buffers) -> dict[str, NDArray[Any]]:
    """Those arrays that an update has lanes for, in their order; checks all declarations."""
    return {
        name: array
        for name, array in arrays.items()
        if kind_of(name, array.dtype, buffers) != "local"
    }


def flatten(spec: ModelSpec, arrays: Arrays, buffers: Buffers) -> NDArray[np.float64]:
    """Lay out an app's arrays as the model specification says.

    The order of ``arrays`` does not matter; names, shapes and kinds do.

    Raises
    ------
    ChongwenError
        ``tensor-missing``, ``tensor-unknown``, ``tensor-shape``, and those of `kind_of`.
    """
    given = federated(arrays, buffers)
    expected = {tensor.name: tensor for tensor in spec.tensors}
    _require_names(expected.keys(), given.keys(), [name for name in arrays if name not in given])
    flat = np.empty(spec.parameter_count, dtype=np.float64)
    for tensor in spec.tensors:
        array = given[tensor.name]
        if tuple(array.shape) != tuple(tensor.shape):
            raise ChongwenError(
                "tensor-shape",
                f"Array “{tensor.name}” has the shape {_shape(array.shape)}; the model "
                f"specification has {_shape(tensor.shape)}.",
                "Send the arrays of the federation's model, each in its own shape.",
            )
        if array.dtype.kind in "iub" and tensor.frac_bits != 0:
            raise ChongwenError(
                "buffer-invalid",
                f"Array “{tensor.name}” is declared a count; the model specification gives it "
                f"{tensor.frac_bits} fraction bits.",
                "Declare the same buffers in LedgerMod and in the strategy; a count has none.",
            )
        flat[tensor.offset : tensor.offset + prod(tensor.shape)] = array.ravel()
    return flat


def unflatten(
    spec: ModelSpec, flat: NDArray[np.float64], like: Arrays, buffers: Buffers
) -> dict[str, NDArray[Any]]:
    """Undo `flatten`: what an app is sent.

    Floats come as float32, counts in the type of ``like``; local buffers are those of ``like``.
    """
    tensors = {tensor.name: tensor for tensor in spec.tensors}
    arrays: dict[str, NDArray[Any]] = {}
    for name, array in like.items():
        kind = kind_of(name, array.dtype, buffers)
        if kind == "local":
            arrays[name] = array
            continue
        tensor = tensors[name]
        values = flat[tensor.offset : tensor.offset + prod(tensor.shape)].reshape(tensor.shape)
        arrays[name] = values.astype(array.dtype if kind == "count" else np.float32)
    return arrays


def _require_names(expected: Collection[str], given: Collection[str], local: list[str]) -> None:
    missing = [name for name in expected if name not in given]
    if missing:
        kept = " (declared local here)" if missing[0] in local else ""
        raise ChongwenError(
            "tensor-missing",
            f"Array “{missing[0]}”{kept} is missing; the model specification has {len(expected)} "
            f"tensors, {len(given)} are given.",
            "Reply with all arrays of the model, under the names they came with.",
        )
    unknown = [name for name in given if name not in expected]
    if unknown:
        raise ChongwenError(
            "tensor-unknown",
            f"Array “{unknown[0]}” is not in the model specification.",
            "Reply with the arrays of the model and no others; "
            'or declare a buffer that stays at the site: buffers={"<name>": "local"}.',
        )


def _shape(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) if shape else "of a scalar"
