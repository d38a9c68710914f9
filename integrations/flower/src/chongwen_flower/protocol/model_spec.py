"""What the lanes of a vector mean.

The root of the specification is in the federation's configuration, hence in everything that is
signed. Specified in docs/protocol.md, “Model specification”.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from chongwen_flower.protocol import outside
from chongwen_flower.protocol.canonical_json import Json
from chongwen_flower.protocol.failures import protocol_error
from chongwen_flower.protocol.keccak import keccak256
from chongwen_flower.protocol.vector_shape import MAX_PARAMETERS, VectorShape, vector_shape

_TENSOR_TYPE = "Tensor(string name,uint32[] shape,uint64 offset,uint8 fracBits)"
_SPEC_TYPE_HASH = keccak256(f"ModelSpec(uint32 version,Tensor[] tensors){_TENSOR_TYPE}".encode())
_TENSOR_TYPE_HASH = keccak256(_TENSOR_TYPE.encode())
_MAX_TENSORS = 65_536
_VERSION = 1


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One tensor of a model.

    Parameters
    ----------
    name
        Unique in its specification.
    shape
        Dimensions; empty for a scalar.
    offset
        First lane.
    frac_bits
        f: one unit of a lane is 2^−f.
    """

    name: str
    shape: tuple[int, ...]
    offset: int
    frac_bits: int

    @property
    def size(self) -> int:
        """Lanes of the tensor."""
        return math.prod(self.shape)

    @property
    def lanes(self) -> slice:
        """Where the tensor stands in a flat vector."""
        return slice(self.offset, self.offset + self.size)

    def struct_hash(self) -> bytes:
        """Give the EIP-712 struct hash."""
        shape = b"".join(_word(dimension) for dimension in self.shape)
        words = [keccak256(self.name.encode()), keccak256(shape)]
        numbers = [_word(self.offset), _word(self.frac_bits)]
        return keccak256(b"".join([_TENSOR_TYPE_HASH, *words, *numbers]))

    def to_json(self) -> dict[str, Json]:
        """Write it as manifests have it."""
        shape = list(self.shape)
        bits = self.frac_bits
        return {"name": self.name, "shape": shape, "offset": self.offset, "fracBits": bits}


@dataclass(frozen=True)
class ModelSpec:
    """Tensors that follow one another without gaps, from lane 0.

    Raises
    ------
    ChongwenError
        ``spec-invalid``: a rule of the format is broken, whoever makes the object.
    """

    tensors: tuple[TensorSpec, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.tensors) <= _MAX_TENSORS:
            message = f"A model has 1 to {_MAX_TENSORS} tensors, got {len(self.tensors)}."
            raise protocol_error("spec-invalid", message)
        names: set[str] = set()
        offset = 0
        for tensor in self.tensors:
            _require_tensor(tensor)
            name = f"“{tensor.name}”"
            if tensor.name in names:
                raise protocol_error("spec-invalid", f"Two tensors are named {name}.")
            names.add(tensor.name)
            if tensor.offset != offset:
                message = f"Tensor {name} starts at lane {tensor.offset}; the one before it ends"
                raise protocol_error("spec-invalid", f"{message} at {offset}.")
            offset += tensor.size
            if offset > MAX_PARAMETERS:
                message = f"Tensor {name} ends at lane {offset}, beyond 2^31."
                raise protocol_error("spec-invalid", message)

    @cached_property
    def parameter_count(self) -> int:
        """N: lanes of an update or a model."""
        return sum(tensor.size for tensor in self.tensors)

    @property
    def vector_shape(self) -> VectorShape:
        """Sizes of the committed vectors."""
        return vector_shape(self.parameter_count)

    @property
    def padded_count(self) -> int:
        """P = 64·2^d: lanes of the committed vectors."""
        return self.vector_shape.padded

    @property
    def depth(self) -> int:
        """Give d, which the configuration names."""
        return self.vector_shape.depth

    def root(self) -> bytes:
        """Give the EIP-712 struct hash, ``modelSpecRoot`` of the configuration."""
        tensors = keccak256(b"".join(tensor.struct_hash() for tensor in self.tensors))
        return keccak256(_SPEC_TYPE_HASH + _word(_VERSION) + tensors)

    def to_json(self) -> dict[str, Json]:
        """Write it as manifests have it."""
        return {"version": _VERSION, "tensors": [tensor.to_json() for tensor in self.tensors]}

    @classmethod
    def from_json(cls, value: object) -> ModelSpec:
        """Read a specification that came from outside.

        Raises
        ------
        ChongwenError
            ``version-unknown``, ``spec-invalid``
        """
        try:
            return cls.read(value, "")
        except outside.MalformedError as problem:
            message = f"The model specification is malformed: {problem}."
            raise protocol_error("spec-invalid", message) from None

    @classmethod
    def read(cls, value: object, path: str) -> ModelSpec:
        """Read a specification inside another format, which says itself what is malformed.

        Raises
        ------
        MalformedError
            With the place that is wrong.
        ChongwenError
            ``version-unknown``; ``spec-invalid`` when it is well-formed and breaks a rule.
        """
        fields = outside.members(value, path, ("version", "tensors"))
        version = outside.uint(fields["version"], outside.below(path, "version"), 32)
        within = outside.below(path, "tensors")
        found = outside.items(fields["tensors"], within, 1, _MAX_TENSORS)
        tensors = [_tensor(item, f"{within}.{i}") for i, item in enumerate(found)]
        if version != _VERSION:
            message = f"Model specification version {version}; this software knows version 1."
            raise protocol_error("version-unknown", message)
        return cls(tuple(tensors))


def create_model_spec(tensors: Iterable[tuple[str, Sequence[int], int]]) -> ModelSpec:
    """Build a specification from names, shapes and fraction bits; offsets follow from the order.

    Raises
    ------
    ChongwenError
        ``spec-invalid``
    """
    placed: list[TensorSpec] = []
    offset = 0
    for name, shape, frac_bits in tensors:
        tensor = TensorSpec(name, tuple(shape), offset, frac_bits)
        placed.append(tensor)
        offset += tensor.size
    return ModelSpec(tuple(placed))


def _tensor(value: object, path: str) -> TensorSpec:
    fields = outside.members(value, path, ("name", "shape", "offset", "fracBits"))
    name = outside.text(fields["name"], f"{path}.name", 1, 256)
    shape = outside.items(fields["shape"], f"{path}.shape", 0, 32)
    dimensions = [
        outside.integer(item, f"{path}.shape.{i}", 1, 2**32 - 1) for i, item in enumerate(shape)
    ]
    offset = outside.integer(fields["offset"], f"{path}.offset", 0, MAX_PARAMETERS)
    frac_bits = outside.integer(fields["fracBits"], f"{path}.fracBits", 0, 30)
    return TensorSpec(name, tuple(dimensions), offset, frac_bits)


def _require_tensor(tensor: TensorSpec) -> None:
    """Hold a tensor made in Python to the rules for one that was read."""
    try:
        _tensor(tensor.to_json(), "tensor")
    except outside.MalformedError as problem:
        message = f"The model specification is malformed: {problem}."
        raise protocol_error("spec-invalid", message) from None


def _word(value: int) -> bytes:
    return value.to_bytes(32, "big")
