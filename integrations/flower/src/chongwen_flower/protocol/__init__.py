"""The ledger's formats and rules: pure functions of bytes and integers, no Flower, no I/O."""
