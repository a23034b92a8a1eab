"""Gift cards and account credit: issuing, paying out and correcting."""
