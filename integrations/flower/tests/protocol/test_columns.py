import pytest

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.columns import (
    WIDTHS,
    column_hash,
    effective_weights,
    excluded_bitmap,
    pack_bytes,
    pack_uints,
    root_order,
    unpack_bytes,
    unpack_uints,
)
from protocol.vectors import raw, vectors

VECTORS = vectors("columns.json")


@pytest.mark.parametrize("vector", VECTORS["columns"], ids=lambda vector: vector["name"])
def test_vectors(vector):
    width, packed = vector["width"], raw(vector["packed"])
    assert WIDTHS[vector["name"]] == width
    assert column_hash(packed) == raw(vector["hash"])
    if vector["values"][0].startswith("0x"):
        values = [raw(value) for value in vector["values"]]
        assert pack_bytes(values, width) == packed
        assert unpack_bytes(packed, width) == values
    else:
        values = [int(value) for value in vector["values"]]
        assert pack_uints(values, width) == packed
        assert unpack_uints(packed, width) == values


def test_equal_roots_become_neighbours():
    vector = VECTORS["rootOrder"]
    assert list(root_order([raw(root) for root in vector["roots"]])) == vector["order"]


def test_what_does_not_fit_a_column_is_refused():
    for values in ([-1], [2**16]):
        with pytest.raises(ChongwenError) as refused:
            pack_uints(values, 2)
        assert refused.value.code == "out-of-range"
    for broken in (lambda: pack_bytes([bytes(31)], 32), lambda: unpack_uints(bytes(3), 2)):
        with pytest.raises(ChongwenError) as refused:
            broken()
        assert refused.value.code == "column-invalid"
    with pytest.raises(ChongwenError):
        root_order([bytes(32)] * 257)


def test_an_excluded_entry_counts_for_nothing():
    excluded = excluded_bitmap([1, 255])
    assert excluded == 2 + 2**255
    assert effective_weights([3, 4, 5], excluded) == [3, 0, 5]
