"""Clients and their account credit in the office."""
