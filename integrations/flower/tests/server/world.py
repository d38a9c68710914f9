"""A world for the strategies: nodes that train, a grid that carries messages, a made-up ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from flwr.app import Array, ArrayRecord, ConfigRecord, Error, Message, MetricRecord, RecordDict

from chongwen_flower.protocol.commitment import commit_update
from chongwen_flower.protocol.lanes import lane_bytes
from chongwen_flower.protocol.model_spec import ModelSpec, create_model_spec
from chongwen_flower.protocol.open_round import OpenRound, ParentRound, Seat
from chongwen_flower.protocol.quantise import quantise_model, quantise_update
from chongwen_flower.protocol.signature import address_of, sign_compact
from chongwen_flower.protocol.ssz import model_root
from chongwen_flower.server.head import Head
from chongwen_flower.server.rehearsal import made_up_config

LEDGER = "0x" + "ab" * 20
SHAPES = {"head.weight": (7, 3), "head.bias": (3,)}
FRAC_BITS = 14


def key_of(seat: int) -> bytes:
    """Secret key of a seat."""
    return (seat + 1).to_bytes(32, "big")


def seat_of(number: int, **changes) -> Seat:
    seat = Seat(number, address_of(key_of(number)), 10 + number, 0, True, 0)
    return replace(seat, **changes)


def initial() -> dict[str, np.ndarray]:
    draw = np.random.default_rng(5)
    return {name: draw.normal(0, 0.1, shape).astype(np.float32) for name, shape in SHAPES.items()}


def record_of(arrays: Mapping[str, np.ndarray]) -> ArrayRecord:
    return ArrayRecord({name: Array(np.asarray(array)) for name, array in arrays.items()})


def spec_of() -> ModelSpec:
    return create_model_spec([(name, shape, FRAC_BITS) for name, shape in SHAPES.items()])


def flat(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    return np.concatenate([np.asarray(arrays[name], np.float64).ravel() for name in SHAPES])


def first_head(seats: Iterable[Seat] = (), chain_id: int = 31337, **config) -> Head:
    """The ledger's first round; four seats unless others are given."""
    spec = spec_of()
    model = quantise_model(spec, flat(initial())).values
    terms = replace(
        made_up_config(spec, config.pop("rule_id", 1), config.pop("rule_param", 0)), **config
    )
    parent = ParentRound(0, b"\x01" * 32, b"\x02" * 32, model_root(model))
    seats = tuple(seats) or tuple(seat_of(number) for number in range(4))
    return Head(OpenRound(chain_id, LEDGER, 1, 1, 0, parent, terms, spec, seats), model)


def sign_for(
    open_round: OpenRound, seat: int, lanes: np.ndarray, rho: int = 0, key: bytes | None = None
):
    commitment = commit_update(lanes)
    statement = open_round.contribution(seat, commitment, rho)
    return commitment, sign_compact(key or key_of(seat), statement.digest(open_round.domain))


def ledger_reply(
    message: Message,
    seat: int,
    lanes: np.ndarray,
    *,
    rho: int = 0,
    key: bytes | None = None,
    tensors: int = 2,
    floats: ArrayRecord | None = None,
    shadow: bool = False,
    metrics: dict | None = None,
    fields: dict | None = None,
) -> Message:
    """What LedgerMod replies. `fields` of the ledger record replace true ones; None removes one."""
    open_round = OpenRound.decode(message.content["ledger"]["open-round"])
    commitment, signature = sign_for(open_round, seat, lanes, rho, key)
    record = {
        "format": "chongwen-commitment/1",
        "seat": seat,
        "update-root": commitment.update_root,
        "norm-sq": str(commitment.norm_sq),
        "norm-trace-root": commitment.norm_trace_root,
        "rho": str(rho),
        "signature": signature,
        "saturated": [0] * tensors,
        "zeroed": [1] * tensors,
        "train-ms": 1000,
        "commit-ms": 3,
        "sign-ms": 2,
    }
    if shadow:
        record["update"] = bytes(lane_bytes(lanes))
    record = {k: v for k, v in {**record, **(fields or {})}.items() if v is not None}
    arrays = floats if shadow else ArrayRecord({"update": Array(lanes)})
    content = RecordDict(
        {
            "arrays": arrays,
            "metrics": MetricRecord(metrics or {"num-examples": 10 * (seat + 1), "loss": 0.5}),
            "ledger": ConfigRecord(record),
        }
    )
    return Message(content, reply_to=message)


def refusal(message: Message, seat: int, code: str = "budget-spent") -> Message:
    record = {
        "format": "chongwen-refusal/1",
        "seat": seat,
        "code": code,
        "message": "Not today.",
        "fix": "Ask tomorrow.",
    }
    content = RecordDict(
        {"arrays": ArrayRecord(), "metrics": MetricRecord(), "ledger": ConfigRecord(record)}
    )
    return Message(content, reply_to=message)


def failure(message: Message) -> Message:
    return Message(Error(code=0, reason="the GPU is on fire"), reply_to=message)


def drawn_update(seat: int, round_: int, size: int = 24) -> np.ndarray:
    return np.random.default_rng([seat, round_]).integers(-900, 900, size).astype(np.int16)


def honest(seat: int) -> Callable[[Message], Message]:
    """A site that moves the model a little and signs what it says."""

    def answer(message: Message) -> Message:
        record = message.content["ledger"]
        open_round = OpenRound.decode(record["open-round"])
        spec = open_round.model_spec
        old = {name: array.numpy() for name, array in message.content["arrays"].items()}
        step = np.random.default_rng([seat, open_round.round]).normal(0, 0.01, spec.parameter_count)
        new = flat(old) + step
        arrays, at = {}, 0
        for name, shape in SHAPES.items():
            size = int(np.prod(shape))
            arrays[name] = new[at : at + size].reshape(shape).astype(np.float32)
            at += size
        lanes = quantise_update(spec, flat(arrays) - flat(old)).values
        shadow = record["mode"] == "shadow"
        return ledger_reply(message, seat, lanes, floats=record_of(arrays), shadow=shadow)

    return answer


@dataclass
class FakeGrid:
    """Carries messages to functions. Node n is the n-th of them, from 100 on."""

    nodes: Mapping[int, Callable[[Message], Message]]
    sent: list[Message] = field(default_factory=list)

    def get_node_ids(self):
        return list(self.nodes)

    def push_messages(self, messages):
        asked = list(messages)
        self.asked = {}
        for message in asked:
            self.sent.append(message)
            message.metadata.__dict__["_message_id"] = f"m{len(self.sent)}"
            self.asked[f"m{len(self.sent)}"] = message
        return list(self.asked)

    def pull_messages(self, message_ids):
        """Every node answers at once; one that gives None has nothing to say, and is not missed."""
        replies = []
        for name in [each for each in self.asked if each in set(message_ids)]:
            message = self.asked.pop(name)
            answer = self.nodes[message.metadata.dst_node_id]
            if message.metadata.message_type == "evaluate":
                metrics = MetricRecord({"num-examples": 5, "accuracy": 0.5})
                reply = Message(RecordDict({"metrics": metrics}), reply_to=message)
            else:
                reply = answer(message)
            replies.append(
                Message(Error(0, "silent"), reply_to=message) if reply is None else reply
            )
        return replies

    def send_and_receive(self, messages, *, timeout=None):  # noqa: ARG002
        return self.pull_messages(self.push_messages(messages))

    def trains(self) -> list[Message]:
        return [m for m in self.sent if m.metadata.message_type == "train"]


def grid_of(*answers) -> FakeGrid:
    return FakeGrid({100 + i: answer for i, answer in enumerate(answers)})
