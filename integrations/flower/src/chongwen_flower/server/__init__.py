"""The server's side: strategies that record what they aggregate, and never wait for it."""

from chongwen_flower.server.evaluation import HeadEvaluation
from chongwen_flower.server.robust import (
    LedgerFedMedian,
    LedgerFedTrimmedAvg,
    LedgerNormClippedFedAvg,
)
from chongwen_flower.server.strategy import LedgerFedAvg

__all__ = [
    "HeadEvaluation",
    "LedgerFedAvg",
    "LedgerFedMedian",
    "LedgerFedTrimmedAvg",
    "LedgerNormClippedFedAvg",
]
