"""A name is planted wherever one can stand, and then looked for in everything that is stored."""

import base64
import hashlib
import logging
import zipfile
from pathlib import Path

import pytest

from chongwen_flower.data.__main__ import main
from chongwen_flower.data.extractor import extract
from chongwen_flower.data.load import load_images
from chongwen_flower.data.pictures import read_picture
from chongwen_flower.data.prepared import read_prepared
from chongwen_flower.errors import ChongwenError
from data.folders import dermamnist, ham, hugging_face
from data.pictures import NAME, PLAIN, dicom, jpeg, pixels, png


def spellings() -> set[bytes]:
    """The planted name as bytes may hold it: encodings, separators, either order, each part."""
    given, family = NAME.split("^")
    texts = {given, family, family[::-1]}
    for separator in ("^", " ", "_", ", ", ""):
        texts |= {given + separator + family, family + separator + given}
    texts |= {text.upper() for text in texts} | {text.lower() for text in texts}
    found = {text.encode(code) for text in texts for code in ("utf-8", "utf-16-le", "utf-16-be")}
    for raw in tuple(found):
        found |= {raw.hex().encode(), raw.hex().upper().encode()}
        # Base64 of a text inside of another: only what no neighbour changes, at each offset.
        for offset in range(3):
            coded = base64.b64encode(b"\0" * offset + raw)
            found.add(coded[(4 if offset else 0) + (offset == 2) : -4])
    return {spelling for spelling in found if len(spelling) >= 8}


SPELLINGS = spellings()


def contents(path: Path) -> list[bytes]:
    """A file as it lies there, and what is packed in it."""
    raw = path.read_bytes()
    if not zipfile.is_zipfile(path):
        return [raw]
    with zipfile.ZipFile(path) as archive:
        return [raw, archive.comment, *(archive.read(name) for name in archive.namelist())]


def names_in(*places: bytes | str | Path) -> list[str]:
    """Where the name still stands."""
    found = []
    for place in places:
        if isinstance(place, Path):
            for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
                if path.is_file() and names_in(path.name, *contents(path)):
                    found.append(path.name)
        else:
            raw = place.encode() if isinstance(place, str) else place
            if any(spelling in raw for spelling in SPELLINGS):
                found.append(repr(raw[:40]))
    return found


def listen(caplog) -> None:
    """Hear everything from here on, as a program does whose logging is set to DEBUG."""
    for name in list(logging.root.manager.loggerDict):
        logging.getLogger(name).disabled = False
    caplog.set_level(logging.DEBUG)
    caplog.clear()


FORMS = {
    "ham": lambda tmp: ham(tmp, name=NAME),
    "isic": lambda tmp: ham(tmp, name=PLAIN),
    "dermamnist": lambda tmp: dermamnist(tmp / "dermamnist.npz", name=NAME),
    "hf-saved": lambda tmp: hugging_face(tmp / "hf", "saved", name=NAME),
    "hf-parquet": lambda tmp: hugging_face(tmp / "hf", "parquet", name=NAME),
    "hf-folder": lambda tmp: hugging_face(tmp / "hf", "folder", name=NAME),
}


@pytest.mark.parametrize("planted", [jpeg, png, dicom])
def test_the_search_finds_what_was_planted(planted, tmp_path):
    assert names_in(planted(pixels(), name=NAME))
    assert names_in(base64.b64encode(b"x" + NAME.encode() + b"y"), NAME.encode().hex())
    assert names_in(NAME.encode("utf-16-be"), "Quuxington, Xanthippe")
    with zipfile.ZipFile(tmp_path / "packed.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", NAME)
    assert names_in(tmp_path)
    assert not names_in(planted(pixels()))


@pytest.mark.parametrize("form", FORMS)
def test_attack_planted_name_is_in_nothing_that_is_stored(
    form, tmp_path, monkeypatch, capfd, caplog
):
    source = FORMS[form](tmp_path / "in" if (tmp_path / "in").mkdir() is None else tmp_path)
    stored, home = tmp_path / "out", tmp_path / "home"
    stored.mkdir(), home.mkdir()
    for variable in ("HOME", "HF_HOME", "HF_DATASETS_CACHE", "XDG_CACHE_HOME", "TMPDIR"):
        monkeypatch.setenv(variable, str(home))
    listen(caplog)

    assert names_in(tmp_path / "in"), "nothing was planted"
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "in").rglob("*")}
    assert main([form.split("-")[0], str(source), str(stored / "site.npz")]) == 0
    printed = capfd.readouterr()

    records = read_prepared(stored / "site.npz")
    assert names_in(stored, home, caplog.text, printed.out, printed.err) == []
    assert names_in(repr(records.classes), repr(records.source_names)) == []
    assert names_in(records.images.tobytes(), extract(records.images).tobytes()) == []
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "in").rglob("*")}


def test_attack_order_of_file_names_is_not_kept(tmp_path):
    records = load_images("ham", ham(tmp_path, name=NAME))
    digests = [hashlib.sha256(image.tobytes()).digest() for image in records.images]
    assert digests == sorted(digests)
    firsts = list(dict.fromkeys(records.groups.tolist()))
    assert firsts == sorted(firsts)
    assert records.groups[0] == 0


def breakages(tmp: Path) -> dict[str, tuple[str, Path]]:
    """Folders that are refused, each with a name near the fault."""
    made = {}
    for kind in ("picture", "class", "source", "ragged", "missing"):
        folder = ham(tmp / kind, name=NAME)
        table = folder / "HAM10000_metadata.csv"
        lines = table.read_text().splitlines()
        if kind == "picture":
            next(folder.rglob("*.jpg")).write_bytes(jpeg(pixels(), name=NAME)[:3000])
        elif kind == "class":
            lines[3] = lines[3].replace("bkl", NAME)
        elif kind == "source":
            lines[3] = lines[3].replace("vidir_molemax", NAME)
        elif kind == "ragged":
            lines[3] += "," + NAME
        else:
            next(folder.rglob("*.png")).unlink()
        table.write_text("\n".join(lines))
        made[kind] = ("ham", folder)
    made["saved"] = ("hf", hugging_face(tmp / "hf", "saved", name=NAME))
    next(made["saved"][1].glob("*.arrow")).write_bytes(NAME.encode() * 50)
    made["absent"] = ("ham", tmp / NAME / "nowhere")
    made["archive"] = ("dermamnist", tmp / f"{NAME}.npz")
    made["archive"][1].write_bytes(b"PK\3\4" + NAME.encode() * 9)
    return made


def test_attack_refusals_do_not_repeat_what_they_refuse(tmp_path, caplog, capfd):
    """Errors go to logs, and with a refused update to the aggregator."""
    broken = breakages(tmp_path)
    listen(caplog)
    for kind, (form, source) in broken.items():
        with pytest.raises(ChongwenError) as caught:
            load_images(form, source)
        error = caught.value
        assert names_in(str(error), error.message, error.fix, repr(error.args)) == [], kind
        assert error.__cause__ is None, kind
        assert error.__suppress_context__ or error.__context__ is None, kind
        assert main([form, str(source), str(tmp_path / "x.npz")]) == 1
        assert not (tmp_path / "x.npz").exists()
    printed = capfd.readouterr()
    assert names_in(caplog.text, printed.out, printed.err) == []


def test_attack_damaged_dicom_is_not_quoted_in_warnings_or_logs(caplog, recwarn):
    content = dicom(pixels(), name=NAME * 5)  # longer than a name may be: pydicom warns of it
    listen(caplog)
    recwarn.clear()
    read_picture(content)
    for share in (0.9, 0.5, 0.1):
        with pytest.raises(ChongwenError) as caught:
            read_picture(content[: int(len(content) * share)])
        assert names_in(str(caught.value)) == []
    assert names_in(caplog.text, *[str(warning.message) for warning in recwarn.list]) == []
