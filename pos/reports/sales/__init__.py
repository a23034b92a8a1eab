"""Sales, refunds and tips as rows and totals."""
