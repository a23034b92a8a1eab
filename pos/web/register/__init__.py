"""The register: pages for reception, and the JSON face its scripts speak to."""
