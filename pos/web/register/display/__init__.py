"""The screen that faces the client, `/register/display/`."""
