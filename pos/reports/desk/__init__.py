"""What the desks did: sales looked for, taken without the server, at prices agreed on; and what a client sees of one."""
