"""Disputes of card payments and their steps."""
