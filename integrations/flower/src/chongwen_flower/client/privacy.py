"""A site's own setting for noise before the commitment: privacy mode A, docs/privacy.md.

The federation fixes the price of a round, in nano-ρ. Clip and unit are the site's; the variance
follows from them, or is given and has to be worth no more than the price. Where both the app and
the node's configuration name a value, the node's counts: it is the hospital's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast, get_args

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.open_round import OpenRound, Seat
from chongwen_flower.protocol.privacy import NoiseSetting, PrivacyUnit, rho_of, variance_for
from chongwen_flower.protocol.privacy_modes import require_published

UNITS = get_args(PrivacyUnit)


@dataclass(frozen=True)
class PrivacySetting:
    """What the site has set; nothing of it is sent.

    Parameters
    ----------
    clip
        C: largest L2 norm of an update before the noise, in units of the grid; None for no clip.
    unit
        Whose presence the noise hides. A record or a patient costs four times what a site does.
    variance
        σ² of the noise on each lane, in squared units of the grid; None for the smallest that the
        price of the round covers.
    """

    clip: int | None = None
    unit: str = "record"
    variance: int | None = None

    def for_node(self, node_config: Mapping[str, Any]) -> PrivacySetting:
        """Let the node's configuration have the last word.

        Raises
        ------
        ChongwenError
            ``privacy-setting``.
        """
        setting = PrivacySetting(
            clip=node_config.get("chongwen-clip", self.clip),
            unit=node_config.get("chongwen-unit", self.unit),
            variance=node_config.get("chongwen-variance", self.variance),
        )
        for name, value in (("clip", setting.clip), ("variance", setting.variance)):
            if value is not None and (type(value) is not int or not 1 <= value < 2**63):
                raise _wrong(f"The {name} is {value!r}, not a whole number above zero")
        if setting.unit not in UNITS:
            raise _wrong(f"The unit is {setting.unit!r}, not one of {', '.join(UNITS)}")
        return setting

    def noise_for(self, seat: Seat) -> NoiseSetting | None:
        """Say which noise an update of this seat needs; None where the round charges nothing.

        Raises
        ------
        ChongwenError
            ``noise-missing``, ``noise-uncovered``, ``out-of-range``.
        """
        if seat.rho == 0:
            return None
        if self.clip is None:
            raise ChongwenError(
                "noise-missing",
                f"The round charges seat {seat.seat} {seat.rho} nano-ρ, and this site has set no "
                "clip, so nothing is known of the noise that it takes.",
                "Start the SuperNode with chongwen-clip and chongwen-unit in its --node-config; "
                "docs/privacy.md says how to choose them.",
            )
        unit = cast(PrivacyUnit, self.unit)
        variance = self.variance or variance_for(seat.rho, self.clip, unit)
        setting = NoiseSetting(self.clip, variance, unit)
        if rho_of(setting) > seat.rho:
            raise ChongwenError(
                "noise-uncovered",
                f"The noise of seat {seat.seat} is worth {rho_of(setting)} nano-ρ a release; the "
                f"round charges {seat.rho}, so the ledger would count too little.",
                "Raise chongwen-variance or lower chongwen-clip, or leave the variance out: the "
                "smallest that is covered is then taken.",
            )
        return setting


def require_sound(open_round: OpenRound, seat: Seat, *, shadow: bool) -> None:
    """Refuse rounds that cannot take this entry, or in which it would claim what is not so.

    Raises
    ------
    ChongwenError
        ``unsupported``, ``privacy-mode-unsupported``, ``budget-exhausted``, ``shadow-unsound``,
        ``shadow-paid``.
    """
    require_published(open_round.config)
    if seat.remaining < seat.rho:
        raise ChongwenError(
            "budget-exhausted",
            f"Seat {seat.seat} has {seat.remaining} nano-ρ left; the round charges {seat.rho}.",
            "The custodian of the dataset decides on more budget; until then the seat rests.",
        )
    if shadow and seat.rho:
        raise ChongwenError(
            "shadow-unsound",
            "In shadow mode the server gets this site's floats without noise, and the round "
            f"charges {seat.rho} nano-ρ for noise: the entry would claim what is not so.",
            "Ask for mode='ledger' in the strategy, or use data that is exempt.",
        )
    if shadow and open_round.config.pool_per_round:
        raise ChongwenError(
            "shadow-paid",
            "Shadow mode records without paying; this federation pays "
            f"{open_round.config.pool_per_round} a round.",
            "Ask for mode='ledger' in the strategy, or use a federation without a pool.",
        )


def _wrong(what: str) -> ChongwenError:
    return ChongwenError(
        "privacy-setting",
        f"{what}.",
        "Correct chongwen-clip, chongwen-unit or chongwen-variance in the SuperNode's "
        "--node-config, or the arguments of LedgerMod.",
    )
