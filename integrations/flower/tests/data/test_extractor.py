"""Features are the same bits everywhere, and only of pixels."""

import hashlib

import numpy as np
import pytest

from chongwen_flower.data.extractor import FEATURES, as_features, extract, extract_shares
from chongwen_flower.data.pictures import shrink
from chongwen_flower.errors import ChongwenError
from data.pictures import pixels


def images(count: int = 40) -> np.ndarray:
    """Pictures from a hash: no generator whose streams may change."""
    bits = b"".join(hashlib.sha256(at.to_bytes(4, "big")).digest() for at in range(count * 20))
    coarse = np.frombuffer(bits, np.uint8)[: count * 7 * 7 * 3].reshape(count, 7, 7, 3)
    return np.kron(coarse, np.ones((1, 4, 4, 1), np.uint8))


def test_features_are_these_bits():
    lanes = extract(images())
    assert lanes.shape == (40, FEATURES)
    assert lanes.dtype == np.int16
    assert (
        hashlib.sha256(lanes.astype("<i2").tobytes()).hexdigest()
        == "0d847bf3e2b03212db79fce926789d2903e5570f63c1158d73816a1c91c85f1f"
    )


def test_features_do_not_depend_on_the_batch():
    many = images(600)
    assert np.array_equal(extract(many)[590:], extract(many[590:]))


def test_features_are_what_the_evaluation_takes():
    lanes = extract(images())
    assert np.abs(lanes.astype(int)).max() <= 16_384
    features = as_features(lanes)
    assert np.array_equal(np.floor(features * 2**14 + 0.5), lanes)
    shares = extract_shares(images())
    assert shares.min() >= 0
    assert shares.max() <= 16_384


def test_pictures_differ_and_so_do_their_features():
    two = np.stack([shrink(pixels(seed), 28) for seed in (1, 2)])
    assert (np.abs(np.diff(extract(two).astype(int), axis=0)) > 0).mean() > 0.4


@pytest.mark.parametrize(
    "wrong",
    [np.zeros((2, 28, 28), np.uint8), np.zeros((2, 27, 28, 3), np.uint8), np.zeros((2, 28, 28, 3))],
)
def test_other_arrays_refused(wrong):
    with pytest.raises(ChongwenError) as caught:
        extract(wrong)
    assert caught.value.code == "data-shape"
