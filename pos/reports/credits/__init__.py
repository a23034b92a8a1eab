"""What clients have paid ahead: how old it is, when it ends, what becomes of it, and whether they buy again."""
