"""Answers protocol questions, one JSON object a line: how TypeScript compares itself with Python.

``test/flower`` starts one process for thousands of questions. Bytes are base64.
"""

import base64
import json
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol import canonical_json
from chongwen_flower.protocol.commitment import commit_update
from chongwen_flower.protocol.evaluation import EvaluationInput
from chongwen_flower.protocol.head import Head
from chongwen_flower.protocol.model_spec import ModelSpec
from chongwen_flower.protocol.open_round import OpenRound
from chongwen_flower.protocol.privacy import NoiseSetting, privatise
from chongwen_flower.protocol.quantise import quantise_model, quantise_update
from chongwen_flower.protocol.round_bundle import build_round_bundle
from chongwen_flower.protocol.seal import create_entry
from chongwen_flower.protocol.signature import sign_compact
from chongwen_flower.protocol.ssz import model_root
from chongwen_flower.protocol.verify_bundle import verify_round_bundle
from protocol.rounds import play


def raw(text):
    return base64.b64decode(text, validate=True)


def b64(data):
    return base64.b64encode(data).decode()


def lanes(text, kind):
    return None if text is None else np.frombuffer(raw(text), kind)


def quantise(asked):
    spec = ModelSpec.from_json(asked["spec"])
    floats = lanes(asked["floats"], asked["kind"])
    update, model = quantise_update(spec, floats), quantise_model(spec, floats)
    commitment = commit_update(update.values)
    return {
        "update": b64(update.values.tobytes()),
        "model": b64(model.values.tobytes()),
        "counts": [sum(c) for q in (update, model) for c in (q.saturated, q.zeroed)],
        "updateRoot": "0x" + commitment.update_root.hex(),
        "normSq": str(commitment.norm_sq),
        "normTraceRoot": "0x" + commitment.norm_trace_root.hex(),
        "modelRoot": "0x" + model_root(model.values).hex(),
        "specRoot": "0x" + spec.root().hex(),
    }


def build(asked):
    opened = OpenRound.decode(asked["openRound"].encode())
    entries, updates = [], {}
    for contributed in asked["contributions"]:
        seat = opened.seat(contributed["seat"])
        updates[seat.seat] = lanes(contributed["update"], "<i2")
        commitment = commit_update(updates[seat.seat])
        digest = opened.contribution(seat.seat, commitment, seat.rho).digest(opened.domain)
        signature = sign_compact(bytes.fromhex(contributed["key"][2:]), digest)
        entries.append(create_entry(seat, commitment, signature))
    asked_evaluation = asked["evaluation"]
    evaluation = None
    if asked_evaluation is not None:
        head = Head(*asked_evaluation["head"])
        holdout = lanes(asked_evaluation["holdout"], "<i2")
        evaluation = EvaluationInput(head, holdout, raw(asked_evaluation["labels"]))
    bundle = build_round_bundle(
        opened,
        lanes(asked["base"], "<i4"),
        entries,
        updates,
        None,
        json.loads(asked["metrics"]),
        evaluation,
        excluded=int(asked["excluded"]),
        seal_attempt=asked["sealAttempt"],
    )
    return {"files": {path: b64(data) for path, data in bundle.files.items()}, **placed(bundle)}


def placed(bundle):
    return {
        "artefact": "0x" + bundle.artefact.hex(),
        "reportHash": "0x" + bundle.report_hash.hex(),
        "modelRoot": "0x" + bundle.model_root.hex(),
    }


def verify(asked):
    opened = OpenRound.decode(asked["openRound"].encode())
    files = {path: raw(data) for path, data in asked["files"].items()}
    report_hash = bytes.fromhex(asked["reportHash"][2:])
    artefact = bytes.fromhex(asked["artefact"][2:])
    base = lanes(asked["base"], "<i4")
    problems = verify_round_bundle(files, opened, base, artefact=artefact, report_hash=report_hash)
    return {"problems": sorted({problem.name for problem in problems})}


def write(asked):
    played = play(asked["seed"])
    bundle = played.bundle()
    folder = Path(asked["folder"])
    for path, data in bundle.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    base = None if played.base is None else b64(played.base.tobytes())
    text = played.open_round.encode().decode()
    return {"openRound": text, "base": base, **placed(bundle)}


def read(asked):
    folder = Path(asked["folder"])
    found = [path for path in folder.rglob("*") if path.is_file()]
    files = {str(path.relative_to(folder).as_posix()): b64(path.read_bytes()) for path in found}
    return verify(asked | {"files": files})


def noise(asked):
    batches = [raw(batch) for batch in asked["random"]]
    batches.reverse()
    ratio = Fraction(int(asked["numerator"]), int(asked["denominator"]))
    setting = NoiseSetting(int(asked["clip"]), ratio, asked["unit"])
    noised = privatise(lanes(asked["update"], "<i2"), setting, lambda _: batches.pop())
    return {
        "update": b64(noised.update.tobytes()),
        "rho": str(noised.rho),
        "counts": [noised.saturated, noised.zeroed],
    }


def read_json(asked):
    value = canonical_json.decode(raw(asked["text"]), "file", 2**20)
    return {"text": b64(canonical_json.encode(value))}


def read_open_round(asked):
    return {"text": b64(OpenRound.decode(raw(asked["text"])).encode())}


ANSWERS: dict[str, Callable] = {
    "quantise": quantise,
    "build": build,
    "verify": verify,
    "write": write,
    "read": read,
    "noise": noise,
    "json": read_json,
    "open-round": read_open_round,
}


def answer(line):
    asked = json.loads(line)
    try:
        return ANSWERS[asked["op"]](asked)
    except ChongwenError as refused:
        return {"code": refused.code}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(line)), flush=True)
