"""From the contributions of a round to what the operators' quorum signs and the ledger reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from chongwen_flower.protocol.columns import (
    MAX_ENTRIES,
    WIDTHS,
    column_hash,
    pack_bytes,
    pack_uints,
)
from chongwen_flower.protocol.commitment import Commitment
from chongwen_flower.protocol.failures import protocol_error
from chongwen_flower.protocol.keccak import keccak256
from chongwen_flower.protocol.open_round_parts import Seat
from chongwen_flower.protocol.structs import Contribution, Seal


@dataclass(frozen=True)
class Entry:
    """One seat's contribution to a round.

    Parameters
    ----------
    seat
        Its number.
    update_root, norm_sq, norm_trace_root
        The commitment.
    rho
        Nano-ρ, as it was signed.
    signer
        Who signed, lower case.
    signature
        64 bytes, over the `Contribution`.
    weight
        What the ledger gives the entry; 0 if it is dropped.
    """

    seat: int
    update_root: bytes
    norm_sq: int
    norm_trace_root: bytes
    rho: int
    signer: str
    signature: bytes
    weight: int


def create_entry(seat: Seat, commitment: Commitment, signature: bytes) -> Entry:
    """Give the entry of a seat that signed its commitment at the charge of the open round."""
    return Entry(
        seat=seat.seat,
        update_root=commitment.update_root,
        norm_sq=commitment.norm_sq,
        norm_trace_root=commitment.norm_trace_root,
        rho=seat.rho,
        signer=seat.key,
        signature=signature,
        weight=seat.weight,
    )


@dataclass(frozen=True, slots=True)
class RoundContext:
    """What all contributions of a round share."""

    federation: int
    round: int
    parent_report_hash: bytes
    config_hash: bytes

    def contribution(self, entry: Entry) -> Contribution:
        """Give the statement that an entry's contributor signed."""
        return Contribution(
            federation=self.federation,
            round=self.round,
            parent_report_hash=self.parent_report_hash,
            seat=entry.seat,
            update_root=entry.update_root,
            rho=entry.rho,
            norm_sq=entry.norm_sq,
            norm_trace_root=entry.norm_trace_root,
            config_hash=self.config_hash,
        )


@dataclass(frozen=True, slots=True)
class SealColumns:
    """The packed columns of a round."""

    seats: bytes
    update_roots: bytes
    weights: bytes
    norms: bytes
    norm_traces: bytes
    signatures: bytes


def pack_seal_columns(entries: Sequence[Entry]) -> SealColumns:
    """Pack entries into columns.

    Raises
    ------
    ChongwenError
        ``column-invalid`` unless there are 1 to 256 entries, seats strictly ascending;
        ``out-of-range``
    """
    if not 1 <= len(entries) <= MAX_ENTRIES:
        message = f"A round has 1 to {MAX_ENTRIES} entries, got {len(entries)}."
        raise protocol_error("column-invalid", message)
    for before, entry in pairwise(entries):
        if entry.seat <= before.seat:
            message = f"Seats must strictly ascend: seat {entry.seat} after seat {before.seat}."
            raise protocol_error("column-invalid", message)
    return SealColumns(
        pack_uints([entry.seat for entry in entries], WIDTHS["seats"]),
        pack_bytes([entry.update_root for entry in entries], WIDTHS["updateRoots"]),
        pack_uints([entry.weight for entry in entries], WIDTHS["weights"]),
        pack_uints([entry.norm_sq for entry in entries], WIDTHS["norms"]),
        pack_bytes([entry.norm_trace_root for entry in entries], WIDTHS["normTraces"]),
        pack_bytes([entry.signature for entry in entries], WIDTHS["signatures"]),
    )


def create_seal(context: RoundContext, attempt: int, columns: SealColumns) -> Seal:
    """Give what the operators' quorum signs; `attempt` as the ledger holds it."""
    return Seal(
        federation=context.federation,
        round=context.round,
        attempt=attempt,
        parent_report_hash=context.parent_report_hash,
        config_hash=context.config_hash,
        seats_hash=column_hash(columns.seats),
        update_roots_hash=column_hash(columns.update_roots),
        norms_hash=column_hash(columns.norms),
        norm_traces_hash=column_hash(columns.norm_traces),
        signatures_hash=column_hash(columns.signatures),
    )


def seal_hash(seal: Seal, weights_hash: bytes) -> bytes:
    """Give the set that was signed, with the weights that the ledger gave it.

    ``keccak256(hashStruct(Seal) ‖ keccak256(weights column))``
    """
    return keccak256(seal.hash() + weights_hash)
