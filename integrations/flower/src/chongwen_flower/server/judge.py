"""Which replies count. Every other one is left out with a reason, and the round goes on.

Checks what an operator answers for when it signs a seal, and what a settlement would find out
later, while the site can still be told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.columns import MAX_ENTRIES
from chongwen_flower.protocol.commitment import Commitment, commit_update
from chongwen_flower.protocol.eip712 import recover
from chongwen_flower.protocol.open_round import OpenRound, Seat
from chongwen_flower.server.exclusions import Exclusion
from chongwen_flower.server.head import Head
from chongwen_flower.server.records import Claim


@dataclass(frozen=True)
class Verdict:
    """The claims that count, by seat ascending, and why the others do not."""

    claims: tuple[Claim, ...]
    exclusions: tuple[Exclusion, ...]


def judge(
    head: Head,
    claims: Iterable[Claim],
    earlier: Sequence[OpenRound] = (),
    held: Mapping[int, Claim] | None = None,
) -> Verdict:
    """Sort out the claims of one round.

    Parameters
    ----------
    head
        What they should be for.
    earlier
        Rounds that were open before: only to tell a site that it signed for one of them.
    held
        By seat: claims for the same head that were judged before. They count where the seat has
        no newer one.
    """
    valid: list[Claim] = []
    exclusions: list[Exclusion] = []
    for claim in claims:
        problem = _problem(head, claim, earlier)
        if problem is None:
            valid.append(claim)
        else:
            exclusions.append(exclusion_of(head.open_round.round, claim, *problem))
    answered = {claim.seat for claim in valid}
    valid += [claim for seat, claim in (held or {}).items() if seat not in answered]
    for sieve in (_one_a_seat, _distinct_roots, _room):
        valid, out = sieve(head.open_round.round, valid)
        exclusions += out
    return Verdict(tuple(sorted(valid, key=lambda claim: claim.seat)), tuple(exclusions))


def exclusion_of(round_: int, claim: Claim, code: str, message: str, fix: str) -> Exclusion:
    """Leave out a claim."""
    return Exclusion(round_, claim.node, claim.seat, code, message, fix)


Reason = tuple[str, str, str]


def _problem(head: Head, claim: Claim, earlier: Sequence[OpenRound]) -> Reason | None:
    open_round = head.open_round
    seat = open_round.seat(claim.seat)
    if seat is None and claim.seat in head.exhausted:
        return (
            "budget-exhausted",
            f"The privacy budget of seat {claim.seat} does not cover another round.",
            "The custodian of the dataset decides on more budget; until then the seat rests.",
        )
    if seat is None:
        return (
            "seat-unknown",
            f"Seat {claim.seat} cannot take part in round {open_round.round}.",
            "Ask governance for a seat, or wait until its suspension or consent hold ends.",
        )
    commitment = commit_update(claim.lanes)
    return (
        _lie(claim, commitment)
        or _unpaid(claim, seat)
        or _too_large(claim, open_round)
        or _unsigned(open_round, claim, seat, commitment, earlier)
    )


def _lie(claim: Claim, commitment: Commitment) -> Reason | None:
    stated = (
        ("root-mismatch", "update root", claim.update_root, commitment.update_root),
        ("norm-mismatch", "norm", claim.norm_sq, commitment.norm_sq),
        ("trace-mismatch", "norm trace", claim.norm_trace_root, commitment.norm_trace_root),
    )
    for code, name, said, found in stated:
        if said != found:
            return (
                code,
                f"The {name} that seat {claim.seat} states is not that of its update: "
                f"{_show(said)}, computed {_show(found)}.",
                "Send the lanes that were committed to; no mod after LedgerMod may touch them.",
            )
    return None


def _unpaid(claim: Claim, seat: Seat) -> Reason | None:
    if claim.rho == seat.rho:
        return None
    return (
        "rho-mismatch",
        f"Seat {claim.seat} agrees to {claim.rho} nano-ρ; the round charges {seat.rho}.",
        "Agree to what the open round charges, and add the noise that it is worth.",
    )


def _too_large(claim: Claim, open_round: OpenRound) -> Reason | None:
    bound = open_round.config.norm_sq_bound
    if bound == 0 or claim.norm_sq <= bound:
        return None
    return (
        "norm-above-bound",
        f"The squared norm of seat {claim.seat} is {claim.norm_sq}; the federation allows {bound}.",
        "Clip updates before they are committed to, or train for fewer steps a round.",
    )


def _unsigned(
    open_round: OpenRound,
    claim: Claim,
    seat: Seat,
    commitment: Commitment,
    earlier: Sequence[OpenRound],
) -> Reason | None:
    signer = _signer(open_round, claim, commitment)
    if signer == seat.key:
        return None
    if signer is None:
        return (
            "signature-invalid",
            f"The signature of seat {claim.seat} is none that any key can have made.",
            "Sign with the site signer; it makes canonical (low-s) compact signatures.",
        )
    for old in earlier:
        if _signer(old, claim, commitment) == seat.key:
            return (
                "parent-stale",
                f"Seat {claim.seat} signed for round {old.round} on parent "
                f"{_show(old.parent.report_hash)}; open is round {open_round.round} on "
                f"{_show(open_round.parent.report_hash)}.",
                "Answer the newest TRAIN message; an answer to an older one cannot count.",
            )
    return (
        "signature-wrong",
        f"The contribution of seat {claim.seat} is signed by {signer}, not by its key {seat.key}; "
        "or it is signed for another round, parent or configuration.",
        "Sign the open round of the same message, with the key that the ledger has for the seat.",
    )


def _signer(open_round: OpenRound, claim: Claim, commitment: Commitment) -> str | None:
    statement = open_round.contribution(claim.seat, commitment, claim.rho)
    try:
        return recover(statement.digest(open_round.domain), claim.signature)
    except ChongwenError:
        return None


def _one_a_seat(round_: int, claims: list[Claim]) -> tuple[list[Claim], list[Exclusion]]:
    """Count the same commitment once, and two different ones of a seat not at all."""
    kept: list[Claim] = []
    out: list[Exclusion] = []
    roots: dict[int, set[bytes]] = {}
    for claim in claims:
        roots.setdefault(claim.seat, set()).add(claim.update_root)
    seen: set[int] = set()
    for claim in claims:
        if len(roots[claim.seat]) > 1:
            message = f"Seat {claim.seat} signed {len(roots[claim.seat])} different updates."
            fix = "Run one SuperNode a seat, with one site signer. Nobody else chooses for a seat."
            out.append(exclusion_of(round_, claim, "seat-equivocates", message, fix))
        elif claim.seat in seen:
            message = f"Another node sent the same contribution of seat {claim.seat} already."
            fix = "Run one SuperNode a seat. The contribution itself counts."
            out.append(exclusion_of(round_, claim, "seat-twice", message, fix))
        else:
            seen.add(claim.seat)
            kept.append(claim)
    return kept, out


def _distinct_roots(round_: int, claims: list[Claim]) -> tuple[list[Claim], list[Exclusion]]:
    """Do as the ledger, which drops all of an equal root: nobody can tell who copied."""
    times = Counter(claim.update_root for claim in claims)
    fix = "Train on the site's own data: the ledger drops every copy, the original included."
    out = [
        exclusion_of(
            round_,
            claim,
            "root-equal",
            f"{times[claim.update_root]} seats committed to the same update as seat {claim.seat}.",
            fix,
        )
        for claim in claims
        if times[claim.update_root] > 1
    ]
    return [claim for claim in claims if times[claim.update_root] == 1], out


def _room(round_: int, claims: list[Claim]) -> tuple[list[Claim], list[Exclusion]]:
    ordered = sorted(claims, key=lambda claim: claim.seat)
    message = f"A round has room for {MAX_ENTRIES} entries; this seat came after them."
    fix = "Sample fewer nodes a round (fraction_train)."
    out = [
        exclusion_of(round_, claim, "round-full", message, fix) for claim in ordered[MAX_ENTRIES:]
    ]
    return ordered[:MAX_ENTRIES], out


def _show(value: bytes | int) -> str:
    return f"0x{value.hex()[:12]}…" if isinstance(value, bytes) else str(value)
