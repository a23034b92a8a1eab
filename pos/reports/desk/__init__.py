"""What the desks did: sales looked for, taken without the server, made at prices agreed on; what a client sees of one."""
