"""From a cart to a completed sale, whichever way it is paid."""
