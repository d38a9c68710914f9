"""Between the app's arrays, in Flower's records, and the flat lanes of the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from flwr.app import Array, ArrayRecord
from numpy.typing import NDArray

from chongwen_flower.protocol.model_spec import ModelSpec
from chongwen_flower.protocol.quantise import dequantise, quantise_model
from chongwen_flower.tensors import Buffers, flatten, unflatten


def numpy_of(record: ArrayRecord) -> dict[str, NDArray[Any]]:
    """Give the arrays of a record by name."""
    return {name: array.numpy() for name, array in record.items()}


class AppArrays:
    """Knows the form in which an app wants its model.

    Parameters
    ----------
    initial
        The app's initial arrays: names, shapes, types, order, and values of local buffers.
    buffers
        Declarations of integer arrays.
    """

    def __init__(self, initial: ArrayRecord, buffers: Buffers) -> None:
        self._like = numpy_of(initial)
        self._buffers = buffers

    @property
    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """The initial arrays."""
        return self._like

    def record(self, spec: ModelSpec, lanes: NDArray[np.int32]) -> ArrayRecord:
        """Give a model of the ledger as the app is sent it: float32."""
        arrays = unflatten(spec, dequantise(spec, lanes), self._like, self._buffers)
        return ArrayRecord({name: Array(np.asarray(array)) for name, array in arrays.items()})

    def flat(self, spec: ModelSpec, record: ArrayRecord) -> NDArray[np.float64]:
        """Lay out a model of the app as the specification says."""
        return flatten(spec, numpy_of(record), self._buffers)

    def initial_lanes(self, spec: ModelSpec) -> NDArray[np.int32]:
        """Quantise the app's initial arrays.

        Raises
        ------
        ChongwenError
            What `flatten` and `quantise_model` raise: the app has another model than the ledger.
        """
        return quantise_model(spec, flatten(spec, self._like, self._buffers)).values
