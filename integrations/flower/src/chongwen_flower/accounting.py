"""Privacy spent, in the ledger's words and in those of an accountant.

The ledger adds up nano-ρ of zero-concentrated differential privacy, exactly. For readers it says
ε = ρ + 2·√(ρ·ln(1/δ)) (Bun and Steinke 2016, proposition 1.3): simple, and more than needed. The
accountant here is Google's ``dp-accounting`` (Rényi divergences of all orders, and the conversion
of Canonne, Kamath, Steinke 2020, proposition 12), which Flower's own ``RdpAccountant`` wraps; it is
used directly, so that it does not move with Flower's versions.

Both hold for the *discrete* Gaussian: its Rényi divergence of order α is at most α·ρ, that of the
continuous one (Canonne, Kamath, Steinke 2020, theorem 4). Tighter accountants of the continuous
Gaussian (loss distributions) are not proven for the discrete one, so they are not used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, inf, log, sqrt
from typing import Any

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.privacy import NANO, epsilon_of

MILLION = 10**6
DELTA_UNIT = 10**12


@dataclass(frozen=True)
class PrivacySpent:
    """What a site has spent in a federation; integers, as a bundle holds them.

    Parameters
    ----------
    nano_rho
        What the ledger charges, exact. This is the record; the rest is converted from it.
    epsilon_ppm
        ε by the accountant, in millionths, rounded up.
    epsilon_zcdp_ppm
        ε by the ledger's formula, in millionths, rounded up. Never less than the accountant's.
    delta_ppt
        δ in 10^-12.
    releases
        Updates that the noise was added to.
    """

    nano_rho: int
    epsilon_ppm: int
    epsilon_zcdp_ppm: int
    delta_ppt: int
    releases: int

    def to_json(self) -> dict[str, int | str]:
        """Make the form that goes into a bundle's metrics."""
        return {
            "deltaPpt": self.delta_ppt,
            "epsilonPpm": str(self.epsilon_ppm),
            "epsilonZcdpPpm": str(self.epsilon_zcdp_ppm),
            "nanoRho": str(self.nano_rho),
            "releases": self.releases,
        }


def privacy_spent(charges: Iterable[int], delta: float = 1e-5) -> PrivacySpent:
    """Account for releases, each charged in nano-ρ.

    Parameters
    ----------
    charges
        Nano-ρ of each release, as the ledger charged it. Zeros (exempt data) are no releases.
    delta
        δ, a multiple of 10^-12 between 0 and 1.

    Raises
    ------
    ChongwenError
        ``out-of-range``.
    """
    counts: dict[int, int] = {}
    for charge in charges:
        if charge < 0:
            raise _out_of_range(f"A charge of {charge} nano-ρ is below zero.")
        if charge:
            counts[charge] = counts.get(charge, 0) + 1
    delta_ppt = round(delta * DELTA_UNIT)
    if not 0 < delta_ppt < DELTA_UNIT:
        raise _out_of_range(f"δ is {delta}, not between 10^-12 and 1.")
    nano_rho = sum(charge * count for charge, count in counts.items())
    rho = nano_rho / NANO
    by_formula = epsilon_of(nano_rho, delta)
    return PrivacySpent(
        nano_rho=nano_rho,
        epsilon_ppm=_ppm(min(_accountant_epsilon(counts, rho, delta), by_formula)),
        epsilon_zcdp_ppm=_ppm(by_formula),
        delta_ppt=delta_ppt,
        releases=sum(counts.values()),
    )


def noise_charge(noise_multiplier: float) -> int:
    """Nano-ρ of one release: 1/(2z²), rounded up. z is σ over the *sensitivity* (not the clip)."""
    if not 0 < noise_multiplier < inf:
        raise _out_of_range(f"A noise multiplier of {noise_multiplier} is not positive.")
    return ceil(NANO / (2 * noise_multiplier**2))


def _accountant_epsilon(counts: dict[int, int], rho: float, delta: float) -> float:
    if not counts:
        return 0.0
    # Imported here: it takes a second, and neither the signer nor a site without noise needs it.
    from dp_accounting.dp_event import GaussianDpEvent
    from dp_accounting.rdp.rdp_privacy_accountant import RdpAccountant

    # Usual orders, and the one at which the ledger's formula is attained: for little noise it lies
    # between 1 and the smallest usual one.
    usual: list[Any] = [*(1 + x / 10 for x in range(1, 100)), *range(11, 64), 128, 256, 512, 1024]
    best = 1 + sqrt(log(1 / delta) / rho)
    accountant = RdpAccountant(orders=sorted({*usual, best}))
    for charge, count in counts.items():
        accountant.compose(GaussianDpEvent(sqrt(NANO / (2 * charge))), count)
    return float(accountant.get_epsilon(delta))


def _ppm(epsilon: float) -> int:
    return ceil(epsilon * MILLION)


def _out_of_range(message: str) -> ChongwenError:
    return ChongwenError("out-of-range", message, "Pass a value within the range that it states.")
