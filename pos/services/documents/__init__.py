"""PDF documents for clients, the till and disputes."""
