"""Locations and their desks: added, edited, retired; each change is audited."""
