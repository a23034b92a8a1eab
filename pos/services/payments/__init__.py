"""Card payments at the reader, by QR code and online."""
