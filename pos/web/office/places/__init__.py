"""Pages of the office about locations, their desks and their texts."""
