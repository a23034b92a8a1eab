"""Translation, and names, amounts and dates as a locale writes them."""
