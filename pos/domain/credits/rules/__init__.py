"""Pure rules of package credits: value, breakage and what a refund gives back."""
