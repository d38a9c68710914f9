"""Skin data for federations: read it, strip it, turn it into integer features, train a head on it.

Nothing that identifies a person leaves these modules: not in what they return, not in what they
write, not in their errors. See `docs/skin-example.md`.
"""

from chongwen_flower.data.records import LEVELS, Records

__all__ = ["LEVELS", "Records"]
