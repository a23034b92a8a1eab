"""What the people who work here are owed and earn: tips and commissions."""
