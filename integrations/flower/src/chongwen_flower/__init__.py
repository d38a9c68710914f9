"""Makes a Flower federation auditable and paid, by one mod and one strategy.

Names are imported when they are first used: the site signer uses this package too, and must not
load Flower, which it neither needs nor trusts.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chongwen_flower.accounting import PrivacySpent as PrivacySpent
    from chongwen_flower.accounting import privacy_spent as privacy_spent
    from chongwen_flower.client import LedgerMod as LedgerMod
    from chongwen_flower.errors import ChongwenError as ChongwenError
    from chongwen_flower.scale import choose_model_spec as choose_model_spec
    from chongwen_flower.scale import scale_report as scale_report
    from chongwen_flower.server import HeadEvaluation as HeadEvaluation
    from chongwen_flower.server import LedgerFedAvg as LedgerFedAvg
    from chongwen_flower.server import LedgerFedMedian as LedgerFedMedian
    from chongwen_flower.server import LedgerFedTrimmedAvg as LedgerFedTrimmedAvg
    from chongwen_flower.server import LedgerNormClippedFedAvg as LedgerNormClippedFedAvg

_HOMES = {
    "ChongwenError": "chongwen_flower.errors",
    "HeadEvaluation": "chongwen_flower.server",
    "LedgerFedAvg": "chongwen_flower.server",
    "LedgerFedMedian": "chongwen_flower.server",
    "LedgerFedTrimmedAvg": "chongwen_flower.server",
    "LedgerMod": "chongwen_flower.client",
    "LedgerNormClippedFedAvg": "chongwen_flower.server",
    "PrivacySpent": "chongwen_flower.accounting",
    "choose_model_spec": "chongwen_flower.scale",
    "privacy_spent": "chongwen_flower.accounting",
    "scale_report": "chongwen_flower.scale",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
