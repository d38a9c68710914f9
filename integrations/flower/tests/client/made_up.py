"""A made-up federation for the mod's tests: an open round, a server's message, a small app."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from flwr.app import Array, ArrayRecord, ConfigRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from flwr.supercore.task_identity import TaskIdentity

from chongwen_flower import LedgerMod
from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.commitment import Commitment
from chongwen_flower.protocol.model_spec import ModelSpec, create_model_spec
from chongwen_flower.protocol.open_round import OpenRound, ParentRound, Seat
from chongwen_flower.protocol.signature import address_of, sign_compact
from chongwen_flower.protocol.structs import FederationConfig
from chongwen_flower.signer.client import SeatGrant, SignedContribution

TaskIdentity.run_id, TaskIdentity.node_id, TaskIdentity.task_id = 1, 7, 3

KEY = bytes(31) + b"\x07"
SPEC = create_model_spec([("w", (4, 3), 16), ("b", (3,), 16)])
START = {
    "w": np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3),
    "b": np.zeros(3, np.float32),
}


def config(spec: ModelSpec, **changes) -> FederationConfig:
    usual = FederationConfig(
        rule_id=1,
        rule_param=0,
        scoring_id=1,
        privacy_mode=0,
        element_width=2,
        has_base=True,
        depth=spec.depth,
        model_spec_root=spec.root(),
        terms_hash=bytes(32),
        records_per_weight=1,
        max_seats=16,
        min_contributors=1,
        max_excluded_bps=0,
        rho_per_round=0,
        norm_sq_bound=0,
        force_window=60,
        report_window=60,
        challenge_window=60,
        max_attempts=3,
        settle_every=1,
        pool_per_round=0,
        finality=0,
        approval_window=60,
    )
    return replace(usual, **changes)


def open_round(spec=SPEC, *, chain_id=31_337, seats=(3,), number=5, parent=b"\x04", **changes):
    rho = changes.get("rho_per_round", 0)
    return OpenRound(
        chain_id=chain_id,
        ledger="0x" + "ab" * 20,
        federation=1,
        round=number,
        attempt=0,
        parent=ParentRound(number - 1, parent * 32, b"\x05" * 32, b"\x06" * 32),
        config=config(spec, **changes),
        model_spec=spec,
        seats=tuple(Seat(seat, address_of(KEY), 1, rho, False, 10 * rho) for seat in seats),
    )


def train(opened: OpenRound | None, arrays=START, mode="ledger", extra=(), **record) -> Message:
    content = RecordDict({"arrays": ArrayRecord(_arrays(arrays)), "config": ConfigRecord()})
    content["config"]["lr"] = 0.1
    if opened is not None:
        content["ledger"] = ConfigRecord(
            {
                "format": "chongwen-train/1",
                "open-round": opened.encode(),
                "mode": mode,
                "note": "",
                **record,
            }
        )
    for name, more in dict(extra).items():
        content[name] = more
    return Message(content, dst_node_id=7, message_type="train")


def _arrays(arrays):
    return {name: Array(np.asarray(array)) for name, array in arrays.items()}


def context(**node_config) -> Context:
    return Context(1, 7, {"chongwen-signer": "/nowhere", **node_config}, RecordDict(), {})


def app(learn, mod: LedgerMod | None = None, seen: list | None = None) -> ClientApp:
    """An ordinary app; `learn` gets the arrays by name and gives the records of the reply."""
    made = ClientApp(mods=[mod or LedgerMod()])

    @made.train()
    def _train(message: Message, _: Context) -> Message:
        if seen is not None:
            seen.append(message)
        arrays = {name: a.numpy() for name, a in message.content["arrays"].items()}
        answer = learn(arrays)
        records = answer if isinstance(answer, RecordDict) else reply_of(answer)
        return Message(records, reply_to=message)

    @made.evaluate()
    def _evaluate(message: Message, _: Context) -> Message:
        return Message(message.content, reply_to=message)

    @made.query()
    def _query(message: Message, _: Context) -> Message:
        return Message(message.content, reply_to=message)

    return made


def reply_of(arrays, **more) -> RecordDict:
    metrics = MetricRecord({"num-examples": 10, "loss": 0.5})
    return RecordDict({"arrays": ArrayRecord(_arrays(arrays)), "metrics": metrics, **more})


def step(arrays):
    """One step of training that is exact on the grid."""
    return {name: array + np.float32(3 * 2**-16) for name, array in arrays.items()}


@dataclass
class FakeSigner:
    """Stands where `SignerClient` stands, with one key and one policy: seat 3 of federation 1."""

    number: int = 3
    refusal: ChongwenError | None = None
    down: int = 0
    deaf: int = 0
    strict: bool = False
    once: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)
    signed: list = field(default_factory=list)

    def _answer(self) -> None:
        if self.down > 0:
            self.down -= 1
            raise ChongwenError("signer-unreachable", "No signer.", "Start it.", retryable=True)

    def seat(self, opened, **_) -> SeatGrant:
        self._answer()
        if opened["ledger"] != "0x" + "ab" * 20:
            raise ChongwenError("federation-unknown", "Not in the policy.", "Ask the hospital.")
        return SeatGrant(self.number, 0)

    def sign(self, opened, *, seat, app_dir, **stated) -> SignedContribution:
        self._answer()
        if self.refusal:
            raise self.refusal
        turn = (opened["round"], opened["parent"]["reportHash"])
        if (
            self.strict
            and self.once.setdefault(turn, stated["update_root"]) != stated["update_root"]
        ):
            raise ChongwenError("equivocation", "Signed another.", "Send that one.")
        self.signed.append({**stated, "app_dir": app_dir})
        commitment = Commitment(stated["update_root"], stated["norm_sq"], stated["norm_trace_root"])
        round_ = OpenRound.from_json(opened)
        statement = round_.contribution(seat, commitment, stated["rho"])
        signature = sign_compact(KEY, statement.digest(round_.domain))
        return SignedContribution(seat, signature, address_of(KEY))

    def note(self, *, federation, round_number, code, **_) -> None:
        self._answer()
        if self.deaf > 0:
            self.deaf -= 1
            raise ChongwenError("signer-timeout", "No answer.", "Look.", retryable=True)
        self.notes.append((federation, round_number, code))
