"""What is kept of clients: changed at the office."""
