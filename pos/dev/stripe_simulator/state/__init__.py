"""What the simulator keeps: objects, idempotency keys and its clock."""
