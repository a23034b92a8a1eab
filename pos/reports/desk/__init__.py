"""What the desks did: their sales looked for, taken without the server, made at prices agreed on, and what the client sees of one."""
