"""The JSON API of the register."""
