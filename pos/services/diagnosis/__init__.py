"""`pos doctor`: what an installation needs, looked at piece by piece."""
