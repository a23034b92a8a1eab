"""What pages of declared reports share: addresses, cells, pictures, comparison."""
