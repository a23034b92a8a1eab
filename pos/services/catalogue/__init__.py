"""Changing package plans, therapist tiers and the settings of a location."""
