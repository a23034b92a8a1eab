"""Adapters to services outside of the installation."""
