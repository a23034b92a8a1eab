"""Models, pure rules, repositories and queries by subject. Nothing here commits."""
