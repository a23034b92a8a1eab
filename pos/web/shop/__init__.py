"""The shop and the account: server-rendered pages for clients, complete without JavaScript up to Stripe's page."""
