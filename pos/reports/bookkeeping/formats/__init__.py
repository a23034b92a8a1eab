"""The formats of bookkeeping programs, one in each module: pure functions from journals to bytes."""
