"""Where parts of clients' names, addresses and numbers are looked for: an index of trigrams.

SQLite has a table for it, kept by triggers; PostgreSQL an index of the trigrams that a function finds (decision 50).
"""

from __future__ import annotations

# What can be searched is kept here once more, so that a row can be taken out of the index by what it said. Its own
# numbers of rows stand for nothing else: those of `clients` change when a file is compacted.
_TABLE = (
    "CREATE VIRTUAL TABLE client_search USING"
    " fts5(search_text, client_id UNINDEXED, tokenize='trigram', detail='none', columnsize=0)"
)
_ADD = "INSERT INTO client_search (search_text, client_id) SELECT new.search_text, new.id WHERE new.search_text <> ''"
# Found by what it said: by its key alone the whole index would be read.
_TAKE = (
    "DELETE FROM client_search WHERE search_text LIKE old.search_text AND client_id = old.id AND old.search_text <> ''"
)
_CHANGED = "AFTER UPDATE OF search_text ON clients WHEN new.search_text <> old.search_text"


# COST: a plan that calls it for every client, in place of asking the index, is to look dear.
_TRIGRAMS = (
    "CREATE FUNCTION client_trigrams(said text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS"
    " $$ SELECT array_agg(DISTINCT substr($1, at, 3)) FROM generate_series(1, length($1) - 2) AS at $$"
)
_INDEX = "CREATE INDEX client_search ON clients USING gin (client_trigrams(search_text))"


def client_search(dialect: str) -> tuple[str, ...]:
    """The statements that make the index."""
    if dialect == "postgresql":
        return _TRIGRAMS, _INDEX
    return (
        _TABLE,
        # What is taken out leaves no trace in the index either: people are erased.
        "INSERT INTO client_search (client_search, rank) VALUES ('secure-delete', 1)",
        f"CREATE TRIGGER clients_search_added AFTER INSERT ON clients BEGIN {_ADD}; END",
        f"CREATE TRIGGER clients_search_changed {_CHANGED} BEGIN {_TAKE}; {_ADD}; END",
        f"CREATE TRIGGER clients_search_removed AFTER DELETE ON clients BEGIN {_TAKE}; END",
    )


def no_client_search(dialect: str) -> str:
    """The statement that removes it, once the table of clients is gone."""
    return (
        "DROP FUNCTION IF EXISTS client_trigrams" if dialect == "postgresql" else "DROP TABLE IF EXISTS client_search"
    )
