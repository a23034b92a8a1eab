"""The catalogue: what is said to people when something is refused, a module for each subject.

Codes are unique and say the fact; values that were formatted (amounts, days) are handed in as they shall be read.
"""
