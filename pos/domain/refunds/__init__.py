"""Refunds, their lines and the parts that give money back."""
