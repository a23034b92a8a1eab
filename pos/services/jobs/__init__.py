"""Work without a person: outbox handlers, webhooks and nightly jobs."""
