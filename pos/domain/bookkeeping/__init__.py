"""What goes to the bookkeeper: accounts of bookkeeping programs, exports of journals, and the files of a month."""
