"""One round of the app: from the replies to what the ledger will have of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from logging import INFO, WARNING

import numpy as np
from flwr.app import Message
from flwr.supercore import log
from numpy.typing import NDArray

from chongwen_flower.accounting import privacy_spent
from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.canonical_json import Json
from chongwen_flower.server.evaluation import HeadEvaluation
from chongwen_flower.server.exclusions import Exclusion
from chongwen_flower.server.head import Head
from chongwen_flower.server.judge import judge
from chongwen_flower.server.ledger_rows import Row
from chongwen_flower.server.metrics import Drift, Times, metrics_of, times_of
from chongwen_flower.server.records import Claim, read_claim
from chongwen_flower.server.round_work import aggregate_claims, make_round
from chongwen_flower.server.session import Session
from chongwen_flower.server.update_array import ReplyError


@dataclass(frozen=True)
class Sorted:
    """Replies of a round, sorted out.

    Parameters
    ----------
    claims
        That count, by seat.
    exclusions
        Why the others do not.
    times
        What it took.
    """

    claims: tuple[Claim, ...]
    exclusions: tuple[Exclusion, ...]
    times: Times

    @property
    def nodes(self) -> frozenset[int]:
        """Nodes whose update counts."""
        return frozenset(claim.node for claim in self.claims)


class LedgerRound:
    """A round for which TRAIN messages are out.

    Parameters
    ----------
    server_round
        As Flower counts.
    head
        What sites were asked to train and sign.
    """

    def __init__(self, session: Session, server_round: int, head: Head) -> None:
        self._session = session
        self._server_round = server_round
        self.head = head

    def sort(self, messages: Sequence[Message]) -> Sorted:
        """Read and judge the replies; exclusions are kept and told."""
        began = time.monotonic()
        spec = self.head.open_round.model_spec
        lanes, tensors = spec.parameter_count, len(spec.tensors)
        claims: list[Claim] = []
        refusals: list[Exclusion] = []
        for message in messages:
            try:
                mode = self._session.settings.mode
                claims.append(read_claim(message, mode, lanes, tensors))
            except ReplyError as error:
                refusals.append(self._exclusion(message, error))
        session = self._session
        verdict = judge(self.head, claims, tuple(session.earlier), session.held.by_seat)
        counted = {claim.seat for claim in verdict.claims}
        # A site that says it signed for this round already is right, and its update is here.
        told = [each for each in refusals if each.seat not in counted]
        exclusions = (*told, *verdict.exclusions)
        session.exclude(exclusions)
        verify_ms = round(1000 * (time.monotonic() - began))
        return Sorted(verdict.claims, exclusions, times_of(verdict.claims, verify_ms))

    def arrived(self, message: Message) -> None:
        """Keep what a reply claims. Whether it counts is decided with all the others."""
        spec = self.head.open_round.model_spec
        mode = self._session.settings.mode
        try:
            claim = read_claim(message, mode, spec.parameter_count, len(spec.tensors))
        except ReplyError:
            return
        if self.head.open_round.seat(claim.seat) is not None:
            self._session.held.keep(claim)

    def aggregate(self, found: Sorted) -> NDArray[np.int32] | None:
        """Aggregate what counts; None when it is too little, and the model stays."""
        least = self.head.open_round.config.min_contributors
        if len(found.claims) >= least:
            try:
                return aggregate_claims(self.head, found.claims)
            except ChongwenError as error:
                self._stays(found, error.message)
                return None
        self._stays(found, f"{len(found.claims)} updates count, the federation wants {least}.")
        return None

    def record(
        self,
        found: Sorted,
        model: NDArray[np.int32],
        evaluation: HeadEvaluation | None,
        drift: Drift | None = None,
    ) -> None:
        """Write the bundle, and wait for the ledger if asked to."""
        session, open_round = self._session, self.head.open_round

        def metrics(counts: Mapping[str, Json]) -> dict[str, Json]:
            return metrics_of(
                open_round.model_spec,
                found.claims,
                found.exclusions,
                found.times,
                mode=session.settings.mode,
                privacy=self._privacy(found.claims),
                drift=drift,
                counts=counts,
            )

        try:
            made = make_round(self.head, found.claims, model, evaluation, metrics)
            nodes = {claim.seat: claim.node for claim in found.claims}
            bundle = session.spool(self.head, made, nodes)
        except (OSError, ChongwenError) as error:
            # A full disk ends the record, not the training.
            self._stays(found, f"the bundle cannot be written: {error}")
            return
        session.rows.add(self._row(found, "pending", made.digest, made.report_hash, drift))
        log(
            INFO,
            "\t└──> Ledger: round %d, %d entries, %d left out, artefact %s…",
            open_round.round,
            len(found.claims),
            len(found.exclusions),
            made.digest[:14],
        )
        session.await_recorded(bundle)

    def abandon(self, messages: Sequence[Message], why: str) -> None:
        """Leave out every reply: the ledger went another way while the sites trained."""
        fix = "Nothing to do at the site: it is sent the ledger's model with the next message."
        exclusions = [
            Exclusion(
                self.head.open_round.round, m.metadata.src_node_id, -1, "round-void", why, fix
            )
            for m in messages
            if not m.has_error()
        ]
        self._session.exclude(exclusions)
        empty = Sorted((), tuple(exclusions), Times(0, 0, 0, 0))
        self._session.rows.add(self._row(empty, "void", None, None, None))

    def _stays(self, found: Sorted, why: str) -> None:
        log(WARNING, "Ledger: no bundle for this round, and the model stays: %s", why)
        self._session.held.hold(found.claims)
        self._session.rows.add(self._row(found, "none", None, None, None))

    def _privacy(self, claims: Sequence[Claim]) -> Json:
        """Give what each seat has spent over all rounds of this spool, this one included."""
        spent = self._session.rows.spent_with({claim.seat: claim.rho for claim in claims})
        return [
            {"seat": seat, **privacy_spent(charges).to_json()}
            for seat, charges in sorted(spent.items())
        ]

    def _exclusion(self, message: Message, error: ReplyError) -> Exclusion:
        return Exclusion(
            self.head.open_round.round,
            message.metadata.src_node_id,
            error.seat,
            error.code,
            error.message,
            error.fix,
        )

    def _row(
        self,
        found: Sorted,
        state: str,
        artefact: str | None,
        report_hash: str | None,
        drift: Drift | None,
    ) -> Row:
        return Row(
            server_round=self._server_round,
            round=self.head.open_round.round,
            attempt=self.head.open_round.attempt,
            entries=len(found.claims),
            excluded=dict(Counter(each.code for each in found.exclusions)),
            state=state,
            artefact=artefact,
            report_hash=report_hash,
            times_ms={
                "train": found.times.train,
                "commit": found.times.commit,
                "sign": found.times.sign,
                "verify": found.times.verify,
            },
            overhead_ppm=found.times.overhead_ppm,
            charges=[[claim.seat, claim.rho] for claim in found.claims if claim.rho],
            drift=None if drift is None else {"most": drift.most, "mean": drift.mean},
        )
