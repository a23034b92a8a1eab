"""The one item a service charge is sold as. What it costs and how it is taxed are a rule of the location."""

from __future__ import annotations

from uuid import UUID

# Written by the migration; a sale line of any location may name it.
SERVICE_CHARGE_ITEM = UUID("019cf2a4-0000-7000-8000-000000000003")
SERVICE_CHARGE = "service_charge"
