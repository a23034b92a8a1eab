"""What is kept of clients: lists, one person at a glance, and all there is of them."""
