"""Each form of data is read for what it says."""

import csv

import numpy as np
import pytest

from chongwen_flower.data.arrays import read_arrays, write_arrays
from chongwen_flower.data.classes import HAM_CLASSES, HAM_SOURCES
from chongwen_flower.data.dermamnist import load_dermamnist
from chongwen_flower.data.ham import load_ham
from chongwen_flower.data.ham_sites import FILE, load_ham_sites
from chongwen_flower.data.huggingface import load_hugging_face
from chongwen_flower.data.load import load_images
from chongwen_flower.data.pictures import shrink
from chongwen_flower.data.prepared import read_prepared, write_prepared
from chongwen_flower.errors import ChongwenError
from data.folders import WORDS, dermamnist, ham, hugging_face
from data.pictures import pixels


def code_of(call, *arguments, **keywords) -> str:
    with pytest.raises(ChongwenError) as caught:
        call(*arguments, **keywords)
    return caught.value.code


def by_picture(records) -> dict[bytes, int]:
    return {image.tobytes(): at for at, image in enumerate(records.images)}


def test_ham_folder(tmp_path):
    records = load_ham(ham(tmp_path))
    assert records.classes == HAM_CLASSES
    assert records.source_names == HAM_SOURCES
    assert records.images.shape == (9, 28, 28, 3)
    for original in (1, 2, 4, 5, 7, 8):  # PNG and DICOM: their pixels are exact
        at = by_picture(records)[shrink(pixels(original), 28).tobytes()]
        assert records.labels[at] == original % 7
        assert records.sources[at] == original % 4
        # confocal counts as consensus: experts read it
        assert records.label_levels[at] == (4, 3, 2, 2)[original % 4]
    assert sorted(np.bincount(records.groups)) == [1, 2, 2, 2, 2]


def rewrite(folder, change) -> None:
    path = folder / "HAM10000_metadata.csv"
    with path.open(newline="") as file:
        rows = [change(dict(row)) for row in csv.DictReader(file)]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def test_isic_columns_and_words(tmp_path):
    words = dict(
        zip(
            WORDS,
            (
                "actinic keratosis",
                "Basal Cell Carcinoma",
                "bkl",
                "df",
                "melanoma",
                "nevus",
                "vascular lesion",
            ),
            strict=True,
        )
    )
    folder = ham(tmp_path)
    rewrite(
        folder,
        lambda row: {
            "isic_id": row["image_id"],
            "diagnosis": words[row["dx"]],
            "diagnosis_confirm_type": "histopathology",
        },
    )
    records = load_images("isic", folder)
    assert records.source_names == ("this site",)
    assert records.class_counts() == [2, 2, 1, 1, 1, 1, 1]
    assert records.level_counts() == [0, 0, 0, 0, 9]
    assert len(set(records.groups.tolist())) == 9


def test_isic_ground_truth_one_hot(tmp_path):
    folder = ham(tmp_path)
    rewrite(
        folder,
        lambda row: (
            {"image": row["image_id"]}
            | {word.upper(): "1.0" if word == row["dx"] else "0.0" for word in WORDS}
        ),
    )
    assert load_ham(folder).class_counts() == [2, 2, 1, 1, 1, 1, 1]
    rewrite(folder, lambda row: row | {"MEL": "1.0"})
    assert code_of(load_ham, folder) == "data-class-unknown"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda row: row | {"dx": "scc"}, "data-class-unknown"),
        (lambda row: row | {"dataset": "elsewhere"}, "data-source-unknown"),
        (lambda row: row | {"image_id": "../../../etc/passwd"}, "data-image-missing"),
        (lambda row: {"image_id": row["image_id"]}, "data-column-missing"),
        (lambda row: {"dx": row["dx"]}, "data-column-missing"),
    ],
)
def test_attack_metadata_that_says_something_else_refused(change, code, tmp_path):
    folder = ham(tmp_path)
    rewrite(folder, change)
    assert code_of(load_ham, folder) == code


def test_attack_picture_behind_a_link_out_of_the_folder_is_not_read(tmp_path):
    folder = ham(tmp_path / "site")
    picture = next(folder.rglob("*.png"))
    picture.rename(tmp_path / "elsewhere.png")
    picture.symlink_to(tmp_path / "elsewhere.png")
    assert code_of(load_ham, folder) == "data-image-missing"


def test_two_tables_or_none_refused(tmp_path):
    folder = ham(tmp_path)
    (folder / "second.csv").write_text("a\n")
    assert code_of(load_ham, folder) == "data-unreadable"


@pytest.mark.parametrize(("part", "count"), [("train", 9), ("val", 3), ("test", 4)])
def test_dermamnist(part, count, tmp_path):
    records = load_dermamnist(dermamnist(tmp_path / "dermamnist.npz"), part)
    assert len(records) == count
    assert records.labels.tolist() == [at % 7 for at in range(count)]
    assert np.array_equal(records.images[1], pixels(1, 30, 30)[:28, :28])


def test_dermamnist_of_another_size_is_shrunk(tmp_path):
    images = np.stack([pixels(at, 60, 60) for at in range(7)])
    np.savez(tmp_path / "d.npz", train_images=images, train_labels=np.arange(7))
    assert load_dermamnist(tmp_path / "d.npz").images.shape == (7, 28, 28, 3)


@pytest.mark.parametrize(
    ("arrays", "code"),
    [
        ({"train_images": np.zeros((2, 28, 28), np.uint8)}, "data-shape"),
        ({"train_images": np.zeros((2, 28, 28, 3), np.float32)}, "data-shape"),
        ({"train_images": np.array([{"a": 1}, 2], object)}, "data-archive"),
        ({"train_labels": np.array([[0], [9]])}, "data-class-unknown"),
        ({"train_labels": np.array([[0], [-1]])}, "data-class-unknown"),
        ({"train_labels": np.array([[0.5], [1]])}, "data-class-unknown"),
        ({"train_labels": np.zeros(3, np.uint8)}, "data-shape"),
    ],
)
def test_attack_dermamnist_of_other_contents_refused(arrays, code, tmp_path):
    good = {
        "train_images": np.zeros((2, 28, 28, 3), np.uint8),
        "train_labels": np.zeros((2, 1), int),
    }
    np.savez(tmp_path / "d.npz", **(good | arrays))
    assert code_of(load_dermamnist, tmp_path / "d.npz") == code


def test_attack_array_that_announces_more_than_it_has_refused(tmp_path):
    import io
    import zipfile

    head = io.BytesIO()
    shape = {"descr": "|u1", "fortran_order": False, "shape": (2**40,)}
    np.lib.format.write_array_header_1_0(head, shape)
    with zipfile.ZipFile(tmp_path / "d.npz", "w") as archive:
        archive.writestr("a.npy", head.getvalue() + b"\0" * 10)
    assert code_of(read_arrays, tmp_path / "d.npz", ["a"]) == "data-archive"


def test_arrays_keep_order_and_type(tmp_path):
    arrays = {"f": np.asfortranarray(np.arange(6.0).reshape(2, 3)), "i": np.arange(3, dtype=">i4")}
    np.savez(tmp_path / "d.npz", **arrays)
    read = read_arrays(tmp_path / "d.npz", ["f", "i"])
    assert all(np.array_equal(read[name], arrays[name]) for name in arrays)
    write_arrays(tmp_path / "one.npz", arrays)
    write_arrays(tmp_path / "two.npz", arrays)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


@pytest.mark.parametrize("form", ["saved", "parquet", "folder"])
def test_hugging_face_forms_in_their_own_order_of_classes(form, tmp_path):
    records = load_hugging_face(hugging_face(tmp_path / "hf", form))
    assert len(records) == 8
    at = by_picture(records)[shrink(pixels(1), 28).tobytes()]
    assert records.classes[records.labels[at]] == WORDS[5]  # their number 1 of the reversed list
    assert records.class_counts() == [1, 1, 1, 1, 1, 1, 2]


@pytest.mark.parametrize("form", ["saved", "parquet"])
def test_hugging_face_column_that_is_not_there_refused(form, tmp_path):
    folder = hugging_face(tmp_path / "hf", form)
    assert code_of(load_hugging_face, folder, label="diagnosis") == "data-unreadable"
    assert code_of(load_hugging_face, folder, classes=("a", "b")) == "data-class-unknown"


def test_ham_sites(tmp_path):
    count = 6
    np.savez(
        tmp_path / FILE,
        images=np.stack([pixels(at, 30, 30)[:28, :28] for at in range(count)]),
        labels=np.arange(count, dtype=np.uint8),
        site=np.array([0, 1, 2, 3, 0, 1], np.uint8),
        lesion=np.arange(count, dtype=np.int32),
        image_id=np.array([f"ISIC_{at:07d}" for at in range(count)]),
        age=np.zeros(count),
        sex=np.array(["male"] * count, object),  # a pickle: never opened
    )
    records = load_ham_sites(tmp_path)
    assert records.source_names == HAM_SOURCES
    assert records.sources.tolist() == [0, 1, 2, 3, 0, 1]
    assert records.level_counts() == [6, 0, 0, 0, 0]
    ham(tmp_path)
    assert load_ham_sites(tmp_path).label_levels.tolist() == [4, 3, 2, 2, 4, 3]


def test_prepared_is_what_was_written_and_nothing_else(tmp_path):
    records = load_ham(ham(tmp_path))
    write_prepared(records, tmp_path / "site.npz")
    again = read_prepared(tmp_path / "site.npz")
    for name in ("images", "labels", "sources", "label_levels", "groups"):
        assert np.array_equal(getattr(again, name), getattr(records, name))
    assert (again.classes, again.source_names) == (records.classes, records.source_names)
    write_prepared(again, tmp_path / "again.npz")
    assert (tmp_path / "site.npz").read_bytes() == (tmp_path / "again.npz").read_bytes()
    (tmp_path / "site.npz").write_bytes((tmp_path / "site.npz").read_bytes()[:-200])
    assert code_of(read_prepared, tmp_path / "site.npz") == "data-archive"


def test_unknown_form_refused(tmp_path):
    assert code_of(load_images, "xlsx", tmp_path) == "data-form-unknown"
