import numpy as np
import pytest

from chongwen_flower.protocol.unixfs import Profile, directory_digest, file_link
from protocol.vectors import raw, vectors

VECTORS = vectors("unixfs.json")


def file_bytes(length, seed):
    i = np.arange(length, dtype=np.int64)
    return (i * seed + (i >> 8)).astype(np.uint8).tobytes()


@pytest.mark.parametrize("vector", VECTORS["directories"], ids=lambda vector: vector["name"])
def test_directories_of_the_vectors(vector):
    files = {f["path"]: file_bytes(f["bytes"], f["seed"]) for f in vector["files"]}
    assert directory_digest(files) == raw(vector["digest"])
    backwards = dict(reversed(files.items()))
    assert directory_digest(backwards) == raw(vector["digest"])


@pytest.mark.parametrize("vector", VECTORS["files"], ids=lambda vector: str(vector["bytes"]))
def test_files_of_several_levels_of_nodes(vector):
    profile = Profile(vector["chunk"], vector["width"])
    link = file_link(file_bytes(vector["bytes"], vector["seed"]), profile)
    assert link.digest == raw(vector["digest"])
    assert link.size == vector["bytes"]


def test_a_byte_or_a_name_makes_another_directory():
    digest = directory_digest({"a": b"1", "b/c": b"2"})
    others = [{"a": b"2", "b/c": b"2"}, {"a": b"1", "b/d": b"2"}, {"a": b"1", "b": b"2"}]
    assert digest not in map(directory_digest, others)
