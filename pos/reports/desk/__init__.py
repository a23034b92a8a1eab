"""What the desks did: sales looked for, taken without the server, at agreed prices; and what a client sees of one."""
