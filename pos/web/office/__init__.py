"""The office: reports, exports and checks for managers, owners and bookkeepers."""
