"""Pages of what is sold: services with durations, add-ons, retail articles, and the price list."""
