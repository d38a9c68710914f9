"""The robust rules. All there is to them is which rule the federation must have."""

from __future__ import annotations

from chongwen_flower.server.strategy import LedgerFedAvg


class LedgerNormClippedFedAvg(LedgerFedAvg):
    """FedAvg over updates whose norm is clipped to the federation's bound (rule 2).

    Sun et al. 2019, arXiv 1911.07963. In a rehearsal, ``rule_param`` is the bound in units of the
    grid.
    """

    RULE_ID = 2


class LedgerFedTrimmedAvg(LedgerFedAvg):
    """Coordinate-wise trimmed mean (rule 3): the t smallest and largest values do not count.

    Yin et al. 2018, arXiv 1803.01498. In a rehearsal, ``rule_param`` is t.
    """

    RULE_ID = 3


class LedgerFedMedian(LedgerFedAvg):
    """Coordinate-wise median (rule 4). Yin et al. 2018, arXiv 1803.01498."""

    RULE_ID = 4
