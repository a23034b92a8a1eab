"""The catalogue: what is said to people when something is refused, a module for each subject.

Codes are unique and say the fact. Amounts are handed in as they shall be read; days and instants are told in the reader’s
language.
"""
