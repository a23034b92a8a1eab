"""What people see: the hosted checkout, the reader's screen and the console, all marked as simulated."""
