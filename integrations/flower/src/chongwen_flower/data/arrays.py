"""Arrays out of an `.npz` from elsewhere: named members only, no pickles, sizes checked first."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from chongwen_flower.data.limits import MAX_ARCHIVE
from chongwen_flower.data.refuse import refuse
from chongwen_flower.errors import ChongwenError


def read_arrays(path: Path, names: Sequence[str]) -> dict[str, npt.NDArray[Any]]:
    """Read the named arrays. Members of other names are not opened, and nothing is unpickled.

    Raises
    ------
    ChongwenError
        ``data-unreadable``, ``data-archive``
    """
    if not path.is_file():
        raise refuse("data-unreadable", "The .npz file is not there.", "Check `data-dir`.")
    try:
        with zipfile.ZipFile(path) as archive:
            return {name: _member(archive, name) for name in names}
    except ChongwenError:
        raise
    except Exception:
        raise _broken("it is no whole .npz") from None


def _broken(why: str) -> ChongwenError:
    return refuse("data-archive", f"The .npz is refused: {why}.", "Fetch or write it anew.")


def _member(archive: zipfile.ZipFile, name: str) -> npt.NDArray[Any]:
    if f"{name}.npy" not in archive.namelist():
        raise _broken(f"it has no array “{name}”")
    size = archive.getinfo(f"{name}.npy").file_size
    if size > MAX_ARCHIVE:
        raise _broken(f"the array “{name}” has more than {MAX_ARCHIVE} bytes")
    with archive.open(f"{name}.npy") as member:
        head = io.BytesIO(member.read(min(size, 2**16)))
        version = np.lib.format.read_magic(head)
        read = (
            np.lib.format.read_array_header_1_0
            if version == (1, 0)
            else np.lib.format.read_array_header_2_0
        )
        shape, fortran, dtype = read(head)
        # The announced shape is what numpy would allocate, whatever follows.
        count = int(np.prod(shape, dtype=object)) if shape else 1
        if dtype.hasobject or count * dtype.itemsize != size - head.tell():
            raise _broken(f"the array “{name}” is not what its header says")
        data = head.read() + member.read()
    flat = np.frombuffer(data, dtype=dtype).copy()
    array: npt.NDArray[Any] = flat.reshape(shape[::-1]).T if fortran else flat.reshape(shape)
    return array


def write_arrays(path: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write arrays under their names, whole or not at all; equal arrays give equal bytes."""
    unfinished = path.with_name(f"{path.name}.part")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            body = io.BytesIO()
            np.lib.format.write_array(body, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), body.getvalue(), zipfile.ZIP_DEFLATED)
    unfinished.replace(path)
