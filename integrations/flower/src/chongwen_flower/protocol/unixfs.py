"""The digest that files have as an artefact: a UnixFS directory of the profile unixfs-v1-2025.

Only what that profile writes: raw leaves of 1 MiB, 1,024 links a node, plain directories. Nothing
is stored. Sources: IPIP-499, https://specs.ipfs.tech/unixfs/, https://ipld.io/specs/codecs/dag-pb/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

_RAW = 0x55
_DAG_PB = 0x70
_SHA2_256 = b"\x12\x20"
_TYPE_DIRECTORY = 1
_TYPE_FILE = 2


@dataclass(frozen=True, slots=True)
class Profile:
    """How files are cut.

    Parameters
    ----------
    chunk
        Bytes of a leaf.
    width
        Links of a file's node.
    """

    chunk: int
    width: int


ARTEFACT_PROFILE: Final = Profile(2**20, 1024)


@dataclass(frozen=True, slots=True)
class Link:
    """A block that others link to.

    Parameters
    ----------
    cid
        Its identifier: version, codec, hash.
    size
        Bytes of the file from here down.
    total
        Bytes of all blocks from here down.
    """

    cid: bytes
    size: int
    total: int

    @property
    def digest(self) -> bytes:
        """SHA-256 of the block."""
        return self.cid[4:]


def directory_digest(files: Mapping[str, bytes]) -> bytes:
    """Give what the chain would record of these files.

    Parameters
    ----------
    files
        By path, "/" between names.

    Returns
    -------
    bytes
        32 bytes: SHA-256 of the directory's block.
    """
    return directory({path: file_link(data) for path, data in files.items()}).digest


def file_link(data: bytes | memoryview, profile: Profile = ARTEFACT_PROFILE) -> Link:
    """Encode a file; a single leaf stands for itself."""
    view = memoryview(data)
    starts = range(0, max(len(view), 1), profile.chunk)
    level = [_leaf(view[at : at + profile.chunk]) for at in starts]
    while len(level) > 1:
        groups = range(0, len(level), profile.width)
        level = [_file_node(level[at : at + profile.width]) for at in groups]
    return level[0]


def directory(files: Mapping[str, Link]) -> Link:
    """Encode a directory, folders in it included."""
    folders: dict[str, dict[str, Link]] = {}
    entries: dict[str, Link] = {}
    for path, link in files.items():
        name, slash, rest = path.partition("/")
        if slash:
            folders.setdefault(name, {})[rest] = link
        else:
            entries[name] = link
    entries |= {name: directory(inside) for name, inside in folders.items()}
    named = sorted((name.encode(), link) for name, link in entries.items())
    return _node(named, _scalar(1, _TYPE_DIRECTORY), 0)


def _leaf(data: memoryview) -> Link:
    return Link(_cid(_RAW, data), len(data), len(data))


def _file_node(links: Sequence[Link]) -> Link:
    size = sum(link.size for link in links)
    sizes = b"".join(_scalar(4, link.size) for link in links)
    data = _scalar(1, _TYPE_FILE) + _scalar(3, size) + sizes
    return _node([(b"", link) for link in links], data, size)


def _node(named: Iterable[tuple[bytes, Link]], data: bytes, size: int) -> Link:
    """Encode a dag-pb node: its links, then its data."""
    links = list(named)
    encoded = [
        _delimited(2, _delimited(1, link.cid) + _delimited(2, name) + _scalar(3, link.total))
        for name, link in links
    ]
    block = b"".join(encoded) + _delimited(1, data)
    total = len(block) + sum(link.total for _, link in links)
    return Link(_cid(_DAG_PB, block), size, total)


def _cid(codec: int, block: bytes | memoryview) -> bytes:
    return bytes([1, codec]) + _SHA2_256 + sha256(block).digest()


def _delimited(field: int, data: bytes) -> bytes:
    """Encode a length-delimited protobuf field."""
    return bytes([field << 3 | 2]) + _varint(len(data)) + data


def _scalar(field: int, value: int) -> bytes:
    return bytes([field << 3]) + _varint(value)


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value >= 128:
        encoded.append(value % 128 | 128)
        value //= 128
    encoded.append(value)
    return bytes(encoded)
