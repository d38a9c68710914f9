"""Measurements: how much is lost to integers, and what federating gains. In one process."""
