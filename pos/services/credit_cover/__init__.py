"""What credits pay of the lines of a ticket, each line by the lots of the person it is for."""
