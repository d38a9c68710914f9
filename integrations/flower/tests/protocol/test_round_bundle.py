import json
from dataclasses import replace

import numpy as np
import pytest

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.bundle_files import hashed_file
from chongwen_flower.protocol.canonical_json import encode
from chongwen_flower.protocol.evaluation import EvaluationInput
from chongwen_flower.protocol.open_round import OpenRound
from chongwen_flower.protocol.report import UnplacedReport, genesis_report
from chongwen_flower.protocol.round_bundle import build_round_bundle
from chongwen_flower.protocol.round_manifest import read_round_manifest
from chongwen_flower.protocol.seal import Entry
from chongwen_flower.protocol.ssz import model_root
from chongwen_flower.protocol.verify_bundle import verify_round_bundle
from protocol.rounds import play, sign
from protocol.vectors import lanes16, lanes32, raw, vectors

VECTOR = vectors("round.json")
GENESIS, ROUND = VECTOR["genesis"], VECTOR["round"]
FILES = {path: raw(text) for path, text in ROUND["files"].items()}
OPEN = OpenRound.decode(vectors("open-round.json")["openRounds"][0]["text"].encode())
BASE = lanes32(GENESIS["files"]["model.bin"])


def rebuilt():
    """The vector's bundle from its inputs alone."""
    manifest = json.loads(FILES["manifest.json"])
    signatures, weights = FILES["signatures.bin"], FILES["weights.bin"]
    entries = [
        Entry(
            seat=entry["seat"],
            update_root=raw(entry["updateRoot"]),
            norm_sq=int(entry["normSq"]),
            norm_trace_root=raw(entry["normTraceRoot"]),
            rho=entry["rho"],
            signer=entry["signer"],
            signature=signatures[64 * i : 64 * i + 64],
            weight=int.from_bytes(weights[2 * i : 2 * i + 2], "big"),
        )
        for i, entry in enumerate(manifest["entries"])
    ]
    updates = {seat: np.frombuffer(FILES[f"updates/{seat}.bin"], "<i2") for seat in (0, 5)}
    head = read_round_manifest(FILES).evaluation.head
    evaluation = EvaluationInput(head, lanes16(ROUND["files"]["holdout.bin"]), FILES["labels.bin"])
    metrics = json.loads(FILES["metrics.json"])
    return build_round_bundle(OPEN, BASE, entries, updates, None, metrics, evaluation, excluded=2)


def test_the_genesis_report_of_the_vector():
    assert model_root(BASE) == raw(GENESIS["modelRoot"])
    report = genesis_report(1, raw(GENESIS["modelRoot"]), raw(GENESIS["artefact"]))
    assert report.hash() == raw(GENESIS["reportHash"]) == OPEN.parent.report_hash


def test_the_bundle_of_the_vector_is_rebuilt_byte_for_byte():
    bundle = rebuilt()
    assert sorted(bundle.files) == sorted(FILES)
    for path, data in FILES.items():
        assert bundle.files[path] == data, path
    assert bundle.model_root == raw(ROUND["modelRoot"])
    assert bundle.manifest.seal_hash == raw(ROUND["sealHash"])
    assert bundle.manifest.weights_hash == raw(ROUND["weightsHash"])
    assert bundle.report.metrics_hash == raw(ROUND["metricsHash"])
    assert bundle.manifest.report.place(raw(ROUND["artefact"])).hash() == raw(ROUND["reportHash"])
    # The vector's own artefact is a stand-in; the digest of its directory stands with the statuses.
    status = json.loads(vectors("open-round.json")["statuses"][0]["text"])
    assert bundle.artefact == raw(status["bundle"])
    assert bundle.report.artefact == bundle.artefact
    assert bundle.report_hash == bundle.report.hash()


def test_the_manifest_of_the_vector_is_read_and_written_again():
    manifest = read_round_manifest(FILES)
    assert manifest.encode() == FILES["manifest.json"]
    assert UnplacedReport.from_json(manifest.report.to_json(), "") == manifest.report


def test_the_bundle_of_the_vector_verifies():
    placed = {"artefact": rebuilt().artefact, "report_hash": rebuilt().report_hash}
    assert verify_round_bundle(FILES, OPEN, BASE) == []
    assert verify_round_bundle(FILES, OPEN, BASE, **placed) == []


@pytest.mark.parametrize("seed", range(40))
def test_what_is_built_verifies(seed):
    played = play(seed)
    bundle = played.bundle()
    opened, base = played.open_round, played.base
    placed = {"artefact": bundle.artefact, "report_hash": bundle.report_hash}
    assert verify_round_bundle(bundle.files, opened, base, **placed) == []


def verdict(files):
    """Names of what is wrong, or the code of what made it unreadable."""
    try:
        return names(verify_round_bundle(files, OPEN, BASE))
    except ChongwenError as refused:
        return {refused.code}


@pytest.mark.parametrize("path", sorted(FILES))
def test_a_changed_byte_anywhere_is_found(path):
    for at in {0, len(FILES[path]) // 2, len(FILES[path]) - 1}:
        data = bytearray(FILES[path])
        data[at] ^= 1
        assert verdict(FILES | {path: bytes(data)}), at


@pytest.mark.parametrize("path", sorted(FILES))
def test_a_missing_cut_or_longer_file_is_found(path):
    assert verdict({name: data for name, data in FILES.items() if name != path})
    for data in (b"", FILES[path][:-1], FILES[path] + b"\0"):
        assert verdict(FILES | {path: data})


def names(problems):
    return {problem.name for problem in problems}


def test_a_stranger_among_the_files_is_found():
    for path in ["more.bin", "updates/2.bin", "../escape", "/etc/passwd"]:
        assert names(verify_round_bundle(FILES | {path: b""}, OPEN, BASE)) == {"no unknown file"}


def test_a_round_of_another_federation_is_found():
    for change, name in [
        ({"chain_id": 1}, "chain"),
        ({"federation": 2}, "federation"),
        ({"round": 2}, "round"),
        ({"ledger": "0x" + "11" * 20}, "ledger"),
        ({"parent": replace(OPEN.parent, report_hash=bytes(32))}, "parent report hash"),
        ({"parent": replace(OPEN.parent, artefact=bytes(32))}, "parent artefact"),
        ({"config": replace(OPEN.config, finality=0)}, "configuration hash"),
    ]:
        assert name in names(verify_round_bundle(FILES, replace(OPEN, **change), BASE)), name


def test_another_base_is_found():
    assert "parent's model root" in names(verify_round_bundle(FILES, OPEN, BASE + np.int32(1)))
    assert "parent's model root" in names(verify_round_bundle(FILES, OPEN, None))
    # Zeros at the end change no root: only the length tells.
    played = play(3, has_base=True)
    base = played.base if played.base is not None else np.zeros(0, np.int32)
    assert base.size
    longer = np.append(base, np.int32(0))
    problems = verify_round_bundle(played.bundle().files, played.open_round, longer)
    assert "aggregation" in names(problems)


def seats_changed(**change):
    first, *others = OPEN.seats
    return replace(OPEN, seats=(replace(first, **change), *others))


def test_what_the_ledger_knows_of_a_seat_is_held_against_the_bundle():
    for change, name in [
        ({"weight": 11}, "weight"),
        ({"key": "0x" + "22" * 20}, "signature"),
        ({"exempt": True, "rho": 0, "remaining": 0}, "privacy cost"),
    ]:
        assert name in names(verify_round_bundle(FILES, seats_changed(**change), BASE)), name
    without = replace(OPEN, seats=OPEN.seats[1:])
    assert "signature" in names(verify_round_bundle(FILES, without, BASE))


def test_attacks_of_a_dishonest_aggregator_are_found():
    played = play(11, has_base=True, norm_sq_bound=0)
    opened, updates = played.open_round, played.updates
    entries = [replace(e, weight=opened.seat(e.seat).weight) for e in played.entries]
    base = played.base
    model = build_round_bundle(opened, base, entries, updates, None, {}).model
    signed_by_other = sign(opened, opened.seats[0], updates[0], key=b"\1" * 32)
    copied = sign(opened, opened.seats[1], updates[0])
    swapped = {**updates, 0: updates[opened.seats[1].seat]}
    spoilt = model.copy()
    spoilt[-1] ^= 1
    attacks = {
        "aggregate": (entries, updates, spoilt),
        "signature": ([signed_by_other, *entries[1:]], updates, model),
        "entries with weight have different roots": (
            [entries[0], copied, *entries[2:]],
            {**updates, copied.seat: updates[0]},
            model,
        ),
        "update root": (entries, swapped, model),
        "norm": ([replace(entries[0], norm_sq=5), *entries[1:]], updates, model),
        "norm trace": (
            [replace(entries[0], norm_trace_root=bytes(32)), *entries[1:]],
            updates,
            model,
        ),
        "signer": ([replace(entries[0], signer="0x" + "33" * 20), *entries[1:]], updates, model),
    }
    for name, (attacked, payloads, result) in attacks.items():
        bundle = build_round_bundle(opened, base, attacked, payloads, result, {})
        assert name in names(verify_round_bundle(bundle.files, opened, base)), name
    tight = play(11, has_base=True, norm_sq_bound=1)
    found = names(verify_round_bundle(tight.bundle().files, tight.open_round, tight.base))
    assert found == {"norms within the bound"}


def edited(**changes):
    manifest = json.loads(FILES["manifest.json"]) | changes
    return FILES | {"manifest.json": encode(manifest)}


def with_value(*path, value):
    """The vector's files with one value of the manifest changed."""
    manifest = json.loads(FILES["manifest.json"])
    *above, last = path
    at = manifest
    for key in above:
        at = at[key]
    at[last] = value
    return FILES | {"manifest.json": encode(manifest)}


def with_file(path, data):
    """The vector's files with another file, which the manifest lists as it is."""
    manifest = json.loads(FILES["manifest.json"])
    files = [
        hashed_file(path, data).to_json() if entry["path"] == path else entry
        for entry in manifest["files"]
    ]
    return edited(files=files) | {path: data}


ZERO = "0x" + "00" * 32
SPOILT = {
    "seal's federation": with_value("seal", "federation", value=9),
    "seal's round": with_value("seal", "round", value=9),
    "seal's parent": with_value("seal", "parentReportHash", value=ZERO),
    "seal's configuration": with_value("seal", "configHash", value=ZERO),
    "seal hash": with_value("sealHash", value=ZERO),
    "report's seal": with_value("report", "sealHash", value=ZERO),
    "report's federation": with_value("report", "federation", value=9),
    "report's round": with_value("report", "round", value=9),
    "report's attempt": with_value("report", "attempt", value=9),
    "parent round": with_value("parent", "round", value=9),
    "depth of vectors": with_value("config", "depth", value=1),
    "model specification root": with_value("config", "modelSpecRoot", value=ZERO),
    "exclusions are entries": with_value("report", "excluded", value="10"),
    "seats ascend": with_value("entries", 1, "seat", value=5),
    "column agrees with the manifest's entries": with_value("entries", 1, "seat", value=3),
    "column hash": with_file("weights.bin", bytes(6)),
    "column length": with_file("norms.bin", bytes(16)),
    "listed length": with_value("files", 2, "bytes", value=9),
    "file hash": with_value("files", 2, "keccak256", value=ZERO),
    "metrics hash": with_file("metrics.json", b"{}"),
    "canonical JSON": with_file("metrics.json", b"{ }"),
    "model root": with_value("report", "modelRoot", value=ZERO),
    "model length": with_file("model.bin", bytes(95)),
    "update length": with_file("updates/0.bin", bytes(47)),
    "evaluation within bounds": with_value("evaluation", "featureBits", value=31),
    "head within the model": with_value("evaluation", "headLane", value=1),
    "correct predictions": with_value("evaluation", "correct", value=0),
    "holdout root": with_value("evaluation", "holdoutRoot", value=ZERO),
    "holdout length": with_file("holdout.bin", bytes(59)),
    "a byte a record": with_file("labels.bin", bytes(7)),
    "labels are classes": with_file("labels.bin", bytes([4] * 6)),
    "predictions": with_file("predictions.bin", bytes([0] * 6)),
}


@pytest.mark.parametrize("name", SPOILT)
def test_every_comparison_is_made(name):
    problems = verify_round_bundle(SPOILT[name], OPEN, BASE)
    assert name in names(problems)
    assert all(problem.expected != problem.actual for problem in problems)
    assert all(problem.name in str(problem) for problem in problems)


@pytest.mark.parametrize("at", range(len(json.loads(FILES["manifest.json"])["files"])))
def test_length_and_hash_of_every_listed_file_are_compared(at):
    entry = json.loads(FILES["manifest.json"])["files"][at]
    key = "sszRoot" if "sszRoot" in entry else "keccak256"
    other = "keccak256" if key == "sszRoot" else "sszRoot"
    longer = with_value("files", at, "bytes", value=entry["bytes"] + 1)
    assert names(verify_round_bundle(longer, OPEN, BASE)) == {"listed length"}
    changed = with_value("files", at, key, value=ZERO)
    assert names(verify_round_bundle(changed, OPEN, BASE)) == {"file hash"}
    kind = {"path": entry["path"], "bytes": entry["bytes"], other: entry[key]}
    assert names(verify_round_bundle(with_value("files", at, value=kind), OPEN, BASE)) == {
        "file hash"
    }


def test_what_the_ledger_holds_of_the_report_is_compared():
    wrong = {"artefact": bytes(32), "report_hash": bytes(32)}
    assert names(verify_round_bundle(FILES, OPEN, BASE, **wrong)) == {"artefact", "report hash"}
    assert names(verify_round_bundle(FILES, OPEN, BASE, report_hash=bytes(32))) == {"report hash"}


def listed(path):
    files = json.loads(FILES["manifest.json"])["files"]
    return [{**files[0], "path": path}, *files[1:]]


@pytest.mark.parametrize(
    ("code", "files"),
    [
        ("bundle-unreadable", {}),
        ("json-invalid", FILES | {"manifest.json": b"{"}),
        ("manifest-invalid", FILES | {"manifest.json": b"[]"}),
        ("manifest-invalid", edited(format="chongwen-genesis")),
        ("manifest-invalid", edited(more=1)),
        ("manifest-invalid", edited(entries=[])),
        ("manifest-invalid", edited(chainId="1")),
        ("version-unknown", edited(version=2)),
        ("bundle-path", edited(files=listed("../manifest.json"))),
        ("bundle-path", edited(files=listed("/etc/passwd"))),
        ("bundle-path", edited(files=listed("updates/007.bin"))),
        ("bundle-path", edited(files=listed("updates/1.bin\n"))),
        ("manifest-invalid", edited(files=listed("seats.bin"))),
        (
            "spec-invalid",
            edited(
                modelSpec={
                    "version": 1,
                    "tensors": [{"name": "w", "shape": [1], "offset": 1, "fracBits": 1}],
                }
            ),
        ),
        ("manifest-invalid", edited(modelSpec={"version": 1, "tensors": []})),
    ],
)
def test_what_cannot_be_read_raises(code, files):
    with pytest.raises(ChongwenError) as refused:
        verify_round_bundle(files, OPEN, BASE)
    assert refused.value.code == code


def test_modes_that_are_not_here_are_said_to_be_so():
    played = play(1)
    for mode, width, code in [
        (1, 2, "unsupported"),
        (2, 2, "privacy-mode-unsupported"),
        (0, 4, "unsupported"),
    ]:
        config = replace(played.open_round.config, privacy_mode=mode, element_width=width)
        changed = replace(played, open_round=replace(played.open_round, config=config))
        with pytest.raises(ChongwenError) as refused:
            changed.bundle()
        assert refused.value.code == code


def test_what_makes_no_bundle_is_refused():
    played = play(2)
    opened, base, entries, updates = (
        played.open_round,
        played.base,
        played.entries,
        played.updates,
    )
    entries = [replace(e, weight=1) for e in entries]
    counted = [updates[e.seat] for e in entries]
    short = {seat: lanes[:-1] for seat, lanes in updates.items()}
    some = np.zeros(counted[0].size, np.int32)
    for code, arguments in [
        ("column-invalid", (entries[::-1], updates, some, {})),
        ("column-invalid", ([], updates, some, {})),
        ("column-invalid", (entries, {}, some, {})),
        ("length-mismatch", (entries, short, some, {})),
        ("length-mismatch", (entries, updates, some[1:], {})),
        ("json-invalid", (entries, updates, some, {"accuracy": 0.9})),
    ]:
        with pytest.raises(ChongwenError) as refused:
            build_round_bundle(opened, base, *arguments)
        assert refused.value.code == code


def test_a_base_that_is_missing_or_not_wanted_changes_no_aggregate_silently():
    played = play(11, has_base=True)
    with pytest.raises(ChongwenError) as refused:
        replace(played, base=None).bundle()
    assert refused.value.code == "length-mismatch"
    without = play(11, has_base=False)
    some = np.ones(without.open_round.model_spec.parameter_count, np.int32)
    assert replace(without, base=some).bundle().report_hash == without.bundle().report_hash


def test_an_update_in_another_width_is_refused():
    played = play(11)
    wide = {seat: update.astype(np.int32) for seat, update in played.updates.items()}
    with pytest.raises(TypeError):
        replace(played, updates=wide).bundle()
