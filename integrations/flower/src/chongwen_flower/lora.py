"""Low-rank adapters: only they are federated, so a large backbone stays cheap to commit and prove.

A frozen matrix W [out, in] is used as ``W + (alpha/rank)·B·A`` with A [rank, in] random and
B [out, rank] zero at first (Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models",
arXiv 2106.09685). The means of A and of B over sites are not the mean of their products; with
`freeze_a` only B is federated, and it is (Sun et al. 2024, FFA-LoRA, arXiv 2403.12313).

The backbone's hash is part of every tensor's name. Names are in the model specification, its root
is in the federation's configuration, and that is in everything that is signed: adapters of another
backbone cannot enter a round, whatever their shapes.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chongwen_flower.errors import ChongwenError

Arrays = Mapping[str, NDArray[Any]]
Floats = NDArray[np.float64]

_PREFIX = "lora"


def backbone_digest(weights: Arrays) -> str:
    """SHA-256 over names, types, shapes and little-endian bytes, in the order of names: 64 digits.

    Of the bytes as they are used: the same weights in float16 are another backbone.
    """
    hashed = hashlib.sha256(b"chongwen-backbone/1\0")
    for name in sorted(weights):
        array = np.asarray(weights[name])
        plain = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        if plain.dtype.hasobject:
            raise ChongwenError(
                "backbone-invalid",
                "A tensor of the backbone holds objects.",
                "Give arrays of numbers.",
            )
        head = json.dumps([name, plain.dtype.str, list(array.shape)], ensure_ascii=True).encode()
        for part in (head, plain.tobytes()):
            hashed.update(len(part).to_bytes(8, "big") + part)
    return hashed.hexdigest()


@dataclass(frozen=True)
class Lora:
    """How a backbone is adapted.

    Parameters
    ----------
    digest
        Of the backbone, as `backbone_digest` gives it.
    shapes
        [out, in] of each adapted matrix, by its name in the backbone.
    rank, alpha
        Of the product, and its scale: ``alpha / rank``.
    freeze_a
        Federate B alone. A follows from the digest and the seed, the same at every site.
    seed
        Of A.
    """

    digest: str
    shapes: Mapping[str, tuple[int, int]]
    rank: int = 4
    alpha: float = 8.0
    freeze_a: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        smallest = min((min(shape) for shape in self.shapes.values()), default=0)
        if not 1 <= self.rank <= smallest or not (math.isfinite(self.alpha) and self.alpha > 0):
            raise ChongwenError(
                "adapter-invalid",
                f"Rank {self.rank} and alpha {self.alpha:g} do not suit the adapted matrices.",
                f"A rank of 1 to {smallest}, and alpha above 0.",
            )

    @property
    def lanes(self) -> int:
        """Parameters that are federated, committed to and proven."""
        return sum(
            self.rank * (out + (0 if self.freeze_a else width))
            for out, width in self.shapes.values()
        )

    def initial(self) -> dict[str, NDArray[np.float32]]:
        """Make the arrays that a federation starts with, by federated name."""
        arrays: dict[str, NDArray[np.float32]] = {}
        for name, (out, _) in sorted(self.shapes.items()):
            if not self.freeze_a:
                arrays[self._name(name, "A")] = self.first_a(name)
            arrays[self._name(name, "B")] = np.zeros((out, self.rank), np.float32)
        return arrays

    def first_a(self, name: str) -> NDArray[np.float32]:
        """Draw A as it begins: uniform, variance 1/in, on a grid of 2^-14.

        From SHAKE-256, which no version of NumPy changes; on the grid, so that a federation with
        f = 14 starts from exactly these numbers.
        """
        width = self.shapes[name][1]
        key = f"{self.digest}/{self.seed}/{name}".encode()
        bits = hashlib.shake_256(key).digest(2 * self.rank * width)
        drawn = np.frombuffer(bits, "<i2").astype(np.float64) / 2**15
        scaled = np.rint(drawn * math.sqrt(3 / width) * 2**14) / 2**14
        return np.asarray(scaled.reshape(self.rank, width), np.float32)

    def adapters(self, arrays: Arrays) -> dict[str, tuple[Floats, Floats]]:
        """Read (A, B) of each adapted matrix from federated arrays.

        Raises
        ------
        ChongwenError
            ``backbone-mismatch``: adapters of another backbone, or for other matrices.
        """
        expected = self.initial()
        shapes = {name: array.shape for name, array in arrays.items()}
        if shapes != {name: array.shape for name, array in expected.items()}:
            raise self._mismatch(arrays)
        pairs = {}
        for name in self.shapes:
            a = self.first_a(name) if self.freeze_a else arrays[self._name(name, "A")]
            b = arrays[self._name(name, "B")]
            pairs[name] = (np.asarray(a, np.float64), np.asarray(b, np.float64))
        return pairs

    def arrays(self, adapters: Mapping[str, tuple[Floats, Floats]]) -> dict[str, Any]:
        """Write adapters as federated arrays."""
        found: dict[str, Any] = {}
        for name, (a, b) in sorted(adapters.items()):
            if not self.freeze_a:
                found[self._name(name, "A")] = a.astype(np.float32)
            found[self._name(name, "B")] = b.astype(np.float32)
        return found

    def adapted(self, weights: Arrays, arrays: Arrays) -> dict[str, Floats]:
        """Give the backbone's weights with the adapters added to them.

        Raises
        ------
        ChongwenError
            ``backbone-mismatch``: the weights at hand are not those the adapters were made for.
        """
        if backbone_digest(weights) != self.digest:
            raise self._mismatch(arrays)
        full = {name: np.asarray(array, np.float64) for name, array in weights.items()}
        for name, (a, b) in self.adapters(arrays).items():
            full[name] = full[name] + (self.alpha / self.rank) * (b @ a)
        return full

    def _name(self, matrix: str, part: str) -> str:
        scale = f"r{self.rank}-a{self.alpha:g}" + (f"-s{self.seed}" if self.freeze_a else "")
        return f"{_PREFIX}/{self.digest}/{scale}/{matrix}/{part}"

    def _mismatch(self, arrays: Arrays) -> ChongwenError:
        others = digests_in(arrays) - {self.digest}
        theirs = f" ({min(others)[:12]}…)" if others else ""
        return ChongwenError(
            "backbone-mismatch",
            f"The adapters{theirs} are not for this backbone ({self.digest[:12]}…).",
            "Load the backbone that the federation names in its tensors, with the same rank.",
        )


def digests_in(arrays: Iterable[str]) -> set[str]:
    """Find the backbones that names of federated tensors speak of."""
    parts = [name.split("/") for name in arrays]
    return {part[1] for part in parts if len(part) >= 5 and part[0] == _PREFIX}


def make_lora(weights: Arrays, targets: Iterable[str], **options: Any) -> Lora:  # noqa: ANN401
    """Adapt some matrices of a backbone; options are those of `Lora`.

    Raises
    ------
    ChongwenError
        ``adapter-invalid``: a target is no matrix of the backbone.
    """
    shapes: dict[str, tuple[int, int]] = {}
    for name in targets:
        if name not in weights or np.ndim(weights[name]) != 2:
            raise ChongwenError(
                "adapter-invalid",
                f"The backbone has no matrix “{name}”.",
                f"It has: {', '.join(sorted(n for n in weights if np.ndim(weights[n]) == 2))}.",
            )
        out, width = np.shape(weights[name])
        shapes[name] = (out, width)
    return Lora(digest=backbone_digest(weights), shapes=shapes, **options)
