"""For development only, left out of the production wheel: demo clinic and Stripe simulator."""
