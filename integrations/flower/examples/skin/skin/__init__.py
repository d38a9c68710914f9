"""Skin diseases from pictures or a table: a Flower app on a Chongwen ledger."""
