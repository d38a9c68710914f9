"""The decision: what is signed, by policy and journal, whatever the request says.

A request names an app, a seat and a commitment. All three are checked against what the operator
approved, and so is everything in the open round that costs this site something: which ledger, which
configuration, which price. What else it says (weights, other seats, the parent) is the ledger's
business: a signature over a parent that never stood is worth nothing.

Rounds. For each statement (chain, ledger, federation, seat, round, parent, configuration) one
update is signed, ever. A proven fault of a seal opens a round again on the same parent, where the
same signatures count: nothing is signed anew, so nobody answers to what others published meanwhile.
A report that was replaced gives the rounds behind it new parents, and governance can change an open
round's configuration: then a new update is signed, and charged. A round older than the newest one
is therefore signed only by who took part in it before.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from chongwen_flower.protocol.open_round import OpenRound
from chongwen_flower.protocol.outside import hex_of
from chongwen_flower.signer.app_hash import AppIdentity
from chongwen_flower.signer.journal import Event, Journal, Signed, Statement
from chongwen_flower.signer.keystore import SigningKey
from chongwen_flower.signer.policy import ApprovedApp, Dataset, Grant, Policy
from chongwen_flower.signer.refusals import refusal, what_differs
from chongwen_flower.signer.request import NoteRequest, Request, SeatRequest, SignRequest


class Decider:
    """Answers requests.

    Parameters
    ----------
    key
        What signs.
    journal
        What counts.
    policy
        Reads the policy; asked for every request, so that a change takes effect at once.
    hash_app
        Hashes an app's directory.
    """

    def __init__(
        self,
        key: SigningKey,
        journal: Journal,
        policy: Callable[[], Policy],
        hash_app: Callable[[Path], AppIdentity],
    ) -> None:
        self._key = key
        self._journal = journal
        self._policy = policy
        self._hash_app = hash_app

    def answer(self, request: Request) -> dict[str, Any]:
        """Do what a request asks, if it may be done.

        Raises
        ------
        ChongwenError
            The refusal.
        """
        if isinstance(request, NoteRequest):
            self._journal.tell(
                Event(
                    "reported",
                    *(request.code, request.message, request.fix),
                    *(request.federation, request.round),
                )
            )
            return {"ok": True}
        policy = self._policy()
        if policy.journal != self._journal.identity:
            raise refusal("journal-foreign", "The policy counts by another journal than this one.")
        grant, app = self._allowed(policy, request)
        dataset = policy.dataset(grant.dataset)
        if dataset is None:
            raise refusal("policy-invalid", f"The policy names no dataset {grant.dataset}.")
        rho = self._price(request.opened, grant, dataset)
        if isinstance(request, SeatRequest):
            return self._tell_seat(request.opened, grant, dataset, rho)
        return self._sign(request, grant, dataset, rho, app)

    def _allowed(
        self, policy: Policy, request: SeatRequest | SignRequest
    ) -> tuple[Grant, ApprovedApp]:
        """Find the seat that this app may use in this federation."""
        opened = request.opened
        grants = policy.grants_for(opened)
        if not grants:
            raise refusal(
                "federation-not-approved",
                f"Federation {opened.federation} of ledger {opened.ledger} on chain "
                f"{opened.chain_id} is not approved here.",
            )
        identity = self._hash_app(request.app_dir)
        app = policy.app(identity.hash)
        if app is None:
            raise refusal(
                "app-not-approved",
                f"The app has the hash {identity.hash}, which is not approved here.",
                detail=what_differs(request.app_dir, identity, policy.apps),
            )
        usable = [grant for grant in grants if grant.dataset in app.datasets]
        if not usable:
            names = ", ".join(sorted({grant.dataset for grant in grants}))
            raise refusal(
                "dataset-not-approved",
                f"The app {app.name} {app.version} is not approved for {names}, the data of this "
                f"site in federation {opened.federation}.",
            )
        if len(usable) > 1:
            numbers = ", ".join(str(grant.seat) for grant in usable)
            raise refusal(
                "seat-ambiguous",
                f"The app {app.name} may use seats {numbers} of federation {opened.federation}.",
            )
        [grant] = usable
        if isinstance(request, SignRequest) and request.seat != grant.seat:
            raise refusal(
                "seat-not-granted",
                f"The app {app.name} asked for seat {request.seat} of federation "
                f"{opened.federation}; it may use seat {grant.seat}.",
            )
        return grant, app

    def _price(self, opened: OpenRound, grant: Grant, dataset: Dataset) -> int:
        """Give what an approved round charges our seat in nano-rho."""
        if opened.config_hash not in grant.configs:
            raise refusal(
                "config-not-approved",
                f"Federation {opened.federation} has the configuration "
                f"{hex_of(opened.config_hash)}, which is not approved here.",
            )
        seat = opened.seat(grant.seat)
        if seat is None:
            raise refusal(
                "seat-not-open",
                f"Seat {grant.seat} is not among those that can take part in round {opened.round} "
                f"of federation {opened.federation}.",
            )
        if seat.key != self._key.address:
            raise refusal(
                "key-not-registered",
                f"The ledger has the key {seat.key} for seat {grant.seat}; this signer holds "
                f"{self._key.address}.",
            )
        if seat.exempt != dataset.exempt:
            raise refusal(
                "exemption-wrong",
                f"The round has dataset {dataset.name} "
                + ("exempt from" if seat.exempt else "charged to")
                + " the privacy budget; approved was the opposite.",
            )
        return seat.rho

    def _tell_seat(
        self, opened: OpenRound, grant: Grant, dataset: Dataset, rho: int
    ) -> dict[str, Any]:
        with self._journal.transaction():
            if self._journal.find(_statement(opened, grant)) is None:
                self._require_turn(opened, grant)
                self._require_budget(dataset, rho)
        return {"ok": True, "seat": grant.seat, "rho": str(rho)}

    def _sign(
        self, request: SignRequest, grant: Grant, dataset: Dataset, rho: int, app: ApprovedApp
    ) -> dict[str, Any]:
        opened, commitment = request.opened, request.commitment
        if request.rho != rho:
            raise refusal(
                "price-wrong",
                f"The app would sign for {request.rho} nano-ρ; round {opened.round} charges {rho}.",
            )
        bound = opened.config.norm_sq_bound
        if bound and commitment.norm_sq > bound:
            raise refusal(
                "norm-out-of-bounds",
                f"The update's Σq² is {commitment.norm_sq}; the federation allows {bound}.",
            )
        signed = Signed(
            statement=_statement(opened, grant),
            root=commitment.update_root,
            norm_sq=commitment.norm_sq,
            trace=commitment.norm_trace_root,
            rho=rho,
            dataset=dataset.name,
            app=app.hash,
            # A key and a digest always give the same bytes (RFC 6979). After a rotation, asking
            # again gives the new key's signature over the same statement.
            signature=self._key.sign(
                opened.contribution(grant.seat, commitment, rho).digest(opened.domain)
            ),
        )
        with self._journal.transaction():
            known = self._journal.find(signed.statement)
            if known is None:
                self._require_turn(opened, grant)
                self._require_budget(dataset, rho)
                self._journal.add(signed)
            elif known.commitment != signed.commitment:
                raise refusal(
                    "equivocation",
                    f"For round {opened.round} of federation {opened.federation} this site signed "
                    f"update {hex_of(known.root)}; now it is {hex_of(signed.root)}.",
                )
        return {
            "ok": True,
            "seat": grant.seat,
            "signature": hex_of(signed.signature),
            "signer": self._key.address,
        }

    def _require_turn(self, opened: OpenRound, grant: Grant) -> None:
        statement = _statement(opened, grant)
        newest = max(grant.from_round, self._journal.newest_round(statement, grant.since))
        if opened.round < newest and not self._journal.took_part(statement):
            raise refusal(
                "round-passed",
                f"Round {opened.round} of federation {opened.federation} is over for this site: "
                f"it did not sign it then, and is at round {newest}.",
            )

    def _require_budget(self, dataset: Dataset, rho: int) -> None:
        spent = self._journal.spent(dataset.name)
        if rho and spent + rho > dataset.budget:
            raise refusal(
                "budget-exhausted",
                f"Dataset {dataset.name} has spent {spent} of {dataset.budget} nano-ρ; the round "
                f"costs {rho}.",
            )


def _statement(opened: OpenRound, grant: Grant) -> Statement:
    return Statement(
        *(grant.chain_id, grant.ledger, grant.federation, grant.seat),
        *(opened.round, opened.parent.report_hash, opened.config_hash),
    )
