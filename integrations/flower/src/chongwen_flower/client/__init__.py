"""The client's part: a mod that commits to what an app learnt, and has it signed."""

from __future__ import annotations

from chongwen_flower.client.mod import LedgerMod

__all__ = ["LedgerMod"]
