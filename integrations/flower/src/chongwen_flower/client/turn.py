"""One TRAIN message, from the open round to the signature; or to a refusal that says why."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from logging import ERROR
from typing import TypeVar

import numpy as np
from flwr.app import Array, ArrayRecord, ConfigRecord, Context, RecordDict
from flwr.supercore import log

from chongwen_flower.client.answer import commitment_record, log_committed, refusal_record
from chongwen_flower.client.journal import Journal
from chongwen_flower.client.memory import Memory
from chongwen_flower.client.privacy import PrivacySetting, require_sound
from chongwen_flower.client.request import LEDGER, TrainRequest, is_shadow, read_request
from chongwen_flower.client.signing import Unsigned, sign
from chongwen_flower.client.site import (
    SILENT,
    RehearsalSite,
    SignerRefusedError,
    SignerSite,
    Site,
    app_directory,
    signer_address,
)
from chongwen_flower.client.update import LANE, arrays_of, commit, make_update
from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.open_round import Seat
from chongwen_flower.signer.client import SignerClient

T = TypeVar("T")

UPDATE = "update"
PATIENCE = 15.0
"""Seconds that the signer has for an answer; a silent one is asked before and after training."""


@dataclass(frozen=True)
class Settings:
    """What the app gave `LedgerMod`."""

    buffers: Mapping[str, str]
    signer: str | None
    privacy: PrivacySetting


class Turn:
    """What is known while one message is handled.

    Parameters
    ----------
    record
        The ledger's record of the message.
    content
        The message's records; the app may change them later, so the arrays are noted now.
    required
        Whether this node trains for a real ledger alone.
    """

    def __init__(
        self,
        settings: Settings,
        record: ConfigRecord,
        context: Context,
        content: RecordDict,
        *,
        required: bool,
    ) -> None:
        self.shadow = is_shadow(record) and not required
        self.arrays_key = next(iter(content.array_records), "arrays")
        self._settings = settings
        self._record = record
        self._context = context
        self._required = required
        self._received = [ArrayRecord(dict(r.items())) for r in content.array_records.values()]
        self._journal = Journal(context)
        self._request: TrainRequest | None = None
        self._site: Site | None = None
        self._seat: Seat | None = None
        self._problem: ChongwenError | None = None

    def prepare(self) -> bool:
        """Do all that can be done before training; False when the update could not be used.

        A signer that does not answer is asked again afterwards: it may only be restarting.
        """
        if not self._guarded(self._read):
            return False
        if self._guarded(self._take_seat):
            return True
        if _known(self._problem).retryable:
            self._problem = None
        return self._problem is None

    def finish(self, content: RecordDict, seconds: float) -> None:
        """Commit to what the app replied, have it signed, and put that into the reply."""
        content.pop(LEDGER, None)  # Whatever the app put there is neither sent nor signed.
        if self._problem is not None or not self._guarded(lambda: self._commit(content, seconds)):
            self.write_refusal(content)
        else:
            self._guarded(lambda: self._journal.deliver(self._site))

    def write_refusal(self, content: RecordDict) -> None:
        """Put the reason into the reply; outside shadow mode no array leaves the site."""
        problem = _known(self._problem)
        if not self.shadow:
            keys = list(content.array_records)
            for key in keys:
                del content[key]
            content[keys[0] if len(keys) == 1 else self.arrays_key] = ArrayRecord()
        opened = self._request.open_round if self._request else None
        seat = self._seat.seat if self._seat else -1
        content[LEDGER] = refusal_record(seat, problem)
        self._guarded(
            lambda: self._journal.refused(
                opened.federation if opened else 0,
                opened.round if opened else 0,
                problem,
                by_signer=isinstance(problem, SignerRefusedError),
            )
        )
        # Who has just not answered is not asked again; the journal keeps what it could not tell.
        silent = problem.code in SILENT
        self._guarded(lambda: self._journal.deliver(None if silent else self._site))

    def _read(self) -> None:
        request = self._request = read_request(self._record)
        if self._required and (request.shadow or request.open_round.chain_id == 0):
            raise ChongwenError(
                "ledger-required",
                "This node trains for a real ledger alone (chongwen-require=true); the server asks "
                f"{'for shadow mode' if request.shadow else 'for a rehearsal'}.",
                "Use LedgerFedAvg with mode='ledger' and an oracle, or start the SuperNode without "
                "chongwen-require.",
            )
        if len(self._received) != 1:
            raise ChongwenError(
                "request-invalid",
                f"The server sent {len(self._received)} ArrayRecords; an update is made of one.",
                "Use a strategy that sends one ArrayRecord, as all of Flower's do.",
            )
        self._site = self._find_site(request)
        self._journal.server_says(request.open_round.federation, request.notes)

    def _find_site(self, request: TrainRequest) -> Site:
        if request.open_round.chain_id != 0:
            address = signer_address(self._settings.signer, self._context.node_config)
            return SignerSite(SignerClient(address, timeout=PATIENCE), app_directory())
        if request.rehearsal_key is None:
            raise ChongwenError(
                "request-invalid",
                "The server rehearses (chain 0) and sent no throw-away key for this node.",
                "Run the same version of chongwen-flower at the site and at the server.",
            )
        return RehearsalSite(request.rehearsal_key)

    def _take_seat(self) -> None:
        request, site = _known(self._request), _known(self._site)
        number = site.seat(request.open_round)
        seat = request.open_round.seat(number)
        if seat is None:
            raise ChongwenError(
                "seat-unknown",
                f"Seat {number}, this site's, is not among those that can take part in round "
                f"{request.open_round.round}.",
                "Its privacy budget may be spent, its dataset held or withdrawn, or the seat "
                "suspended: npx chongwen privacy and npx chongwen status say which.",
            )
        self._seat = seat
        require_sound(request.open_round, seat, shadow=request.shadow)
        self._privacy().noise_for(seat)  # What cannot be noised is not trained either.

    def _commit(self, content: RecordDict, train_seconds: float) -> None:
        if self._seat is None:
            self._take_seat()
        seat, site = _known(self._seat), _known(self._site)
        open_round = _known(self._request).open_round
        key, trained = _only(content.array_records)
        started = time.monotonic()
        privacy = self._privacy()
        noise = privacy.noise_for(seat)
        update = make_update(
            open_round.model_spec,
            arrays_of(self._received[0]),
            arrays_of(trained),
            self._settings.buffers,
            clip=privacy.clip,
            noise=noise,
        )
        if noise is not None:
            started = time.monotonic()  # How long noise takes depends on the noise: never told.
        commitment = commit(open_round, update.lanes)
        committed = time.monotonic()
        signed = sign(site, self._memory(), Unsigned(open_round, seat, update, commitment))
        update = signed.update
        times = (train_seconds, committed - started, time.monotonic() - committed)
        record = commitment_record(seat, update, signed.commitment, signed.signature, times)
        if self.shadow:
            record["update"] = update.lanes.astype(LANE, copy=False).tobytes()
        else:
            content[key] = ArrayRecord({UPDATE: Array(np.ascontiguousarray(update.lanes, LANE))})
        content[LEDGER] = record
        log_committed(open_round, seat, update)

    def _memory(self) -> Memory | None:
        rehearsed = isinstance(self._site, RehearsalSite)
        return None if rehearsed else Memory.of_node(self._context.node_config)

    def _privacy(self) -> PrivacySetting:
        return self._settings.privacy.for_node(self._context.node_config)

    def _guarded(self, step: Callable[[], object]) -> bool:
        """Run a step; whatever it raises becomes the reason of a refusal."""
        try:
            step()
        except ChongwenError as problem:
            self._problem = problem
        except Exception as failure:  # An app never fails because of the ledger.
            log(ERROR, "Ledger: LedgerMod failed", exc_info=failure)
            self._problem = ChongwenError(
                "mod-failed",
                f"LedgerMod failed: {type(failure).__name__}: {failure}",
                "This is a fault of chongwen-flower: report it with the log of the ClientApp.",
            )
        else:
            return True
        return False


def _known(value: T | None) -> T:
    if value is None:
        raise RuntimeError("steps of a turn were taken out of order")
    return value


def _only(records: Mapping[str, ArrayRecord]) -> tuple[str, ArrayRecord]:
    if len(records) != 1:
        names = ", ".join(f"“{name}”" for name in records) or "none"
        raise ChongwenError(
            "reply-arrays",
            f"The app replied with {len(records)} ArrayRecords ({names}), not with one.",
            "Reply with the model's arrays in one ArrayRecord.",
        )
    return next(iter(records.items()))
