"""E-mails about packages, refunds and disputes."""
