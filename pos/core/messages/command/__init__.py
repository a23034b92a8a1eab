"""What the `pos` command says: lines that a person reads in a terminal, in the language of its environment.

Days and instants are in the form in which they are typed, 2026-11-22, and are handed in as text.
"""
