"""Sentences that tables keep as English text; `remade` makes them messages again where a person reads them.

A module has all sentences of one column, or of one part of it.
"""
