"""Words of strangers, made fit for a log and a terminal."""

from __future__ import annotations


def clean(text: str, most: int = 500) -> str:
    """Cut a text, and replace what moves a cursor, hides, or turns the direction of writing."""
    short = text if len(text) <= most else text[: most - 1] + "…"
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in short)
