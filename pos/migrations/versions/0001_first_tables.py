"""The first tables, and the triggers that keep history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pos.kernel.db import Percent, UtcDateTime
from pos.migrations.append_only import guard

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "audit_events",
    "credit_moves",
    "journal_entries",
    "postings",
    "receipt_files",
    "receipt_prints",
    "receipts",
    "redemptions",
    "sale_lines",
    "sales",
    "tenders",
    "webhook_events",
)


def upgrade() -> None:

    op.create_table(
        "audit_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor_kind", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
    )
    op.create_index("ix_audit_events_at", "audit_events", ["at"], unique=False)
    op.create_index("ix_audit_events_subject", "audit_events", ["subject_id"], unique=False)
    op.create_table(
        "clients",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("given_name", sa.String(length=80), nullable=False),
        sa.Column("family_name", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("search_text", sa.String(length=500), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients")),
        sa.UniqueConstraint("email", name=op.f("uq_clients_email")),
    )
    op.create_index(op.f("ix_clients_phone"), "clients", ["phone"], unique=False)
    op.create_index("ix_clients_search_text", "clients", ["search_text"], unique=False)
    op.create_table(
        "door_locks",
        sa.Column("door", sa.String(length=400), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("first_failed_at", UtcDateTime(), nullable=False),
        sa.Column("locked_until", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("door", name=op.f("pk_door_locks")),
    )
    op.create_table(
        "locations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("clinic_name", sa.String(length=120), nullable=False),
        sa.Column("address_lines", sa.JSON(), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("cutoff_hour", sa.Integer(), nullable=False),
        sa.Column("tax_inclusive", sa.Boolean(), nullable=False),
        sa.Column("tax_method", sa.String(length=8), nullable=False),
        sa.Column("tax_label", sa.String(length=40), nullable=False),
        sa.Column("tax_id_label", sa.String(length=40), nullable=True),
        sa.Column("tax_id", sa.String(length=40), nullable=True),
        sa.Column("receipt_prefix", sa.String(length=12), nullable=False),
        sa.Column("receipt_note", sa.String(length=1000), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("tax_method IN ('invoice', 'line')", name=op.f("ck_locations_tax_method")),
        sa.CheckConstraint("cutoff_hour BETWEEN 0 AND 12", name=op.f("ck_locations_cutoff_hour")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_locations")),
        sa.UniqueConstraint("receipt_prefix", name=op.f("uq_locations_receipt_prefix")),
        sa.UniqueConstraint("slug", name=op.f("uq_locations_slug")),
    )
    op.create_table(
        "mailbox_mails",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("to", sa.String(length=320), nullable=False),
        sa.Column("subject", sa.String(length=400), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("attachment_names", sa.JSON(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox_mails")),
    )
    op.create_table(
        "outbox_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('pending', 'done', 'dead')", name=op.f("ck_outbox_messages_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_messages")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_messages_key")),
    )
    op.create_index("ix_outbox_messages_due", "outbox_messages", ["state", "due_at"], unique=False)
    op.create_table(
        "services",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("short_name", sa.String(length=60), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_services")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("treats", sa.Boolean(), nullable=False),
        sa.Column("pin_hash", sa.String(length=200), nullable=True),
        sa.Column("pin_lookup", sa.String(length=64), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "role IN ('receptionist', 'therapist', 'manager', 'owner', 'bookkeeper')", name=op.f("ck_staff_role")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
        sa.UniqueConstraint("pin_lookup", name=op.f("uq_staff_pin_lookup")),
    )
    op.create_table(
        "webhook_events",
        sa.Column("event_id", sa.String(length=120), nullable=False),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("object_id", sa.String(length=120), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("api_version", sa.String(length=40), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_webhook_events")),
    )
    op.create_table(
        "accounts",
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_accounts_location_id")),
        sa.PrimaryKeyConstraint("location_id", "key", name=op.f("pk_accounts")),
    )
    op.create_table(
        "client_links",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_client_links_client_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_client_links")),
    )
    op.create_index(op.f("ix_client_links_client_id"), "client_links", ["client_id"], unique=False)
    op.create_table(
        "client_sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_client_sessions_client_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_client_sessions")),
    )
    op.create_index(op.f("ix_client_sessions_client_id"), "client_sessions", ["client_id"], unique=False)
    op.create_table(
        "desks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_desks_location_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desks")),
        sa.UniqueConstraint("location_id", "name", name=op.f("uq_desks_location_id_name")),
    )
    op.create_table(
        "items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("key", sa.String(length=1), nullable=True),
        sa.Column("tax_category", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'variant') = (service_id IS NOT NULL) AND (kind = 'variant') = (minutes IS NOT NULL)",
            name=op.f("ck_items_variant_has_service"),
        ),
        sa.CheckConstraint("kind IN ('variant', 'add_on', 'retail', 'package')", name=op.f("ck_items_kind")),
        sa.ForeignKeyConstraint(["service_id"], ["services.id"], name=op.f("fk_items_service_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
        sa.UniqueConstraint("code", name=op.f("uq_items_code")),
        sa.UniqueConstraint("service_id", "minutes", name=op.f("uq_items_service_id_minutes")),
    )
    op.create_table(
        "journal_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("business_on", sa.Date(), nullable=False),
        sa.Column("posted_at", UtcDateTime(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("shift_id", sa.Uuid(), nullable=True),
        sa.Column("client_ref", sa.String(length=64), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_journal_entries_location_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_entries")),
        sa.UniqueConstraint("event", "subject_id", name=op.f("uq_journal_entries_event_subject_id")),
        sa.UniqueConstraint("location_id", "seq", name=op.f("uq_journal_entries_location_id_seq")),
    )
    op.create_index(
        "ix_journal_entries_location_id_business_on", "journal_entries", ["location_id", "business_on"], unique=False
    )
    op.create_table(
        "ledger_chains",
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("head_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_ledger_chains_location_id")),
        sa.PrimaryKeyConstraint("location_id", name=op.f("pk_ledger_chains")),
    )
    op.create_table(
        "receipt_series",
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("series", sa.String(length=20), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_receipt_series_location_id")),
        sa.PrimaryKeyConstraint("location_id", "series", name=op.f("pk_receipt_series")),
    )
    op.create_table(
        "staff_locations",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_staff_locations_location_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_locations_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", "location_id", name=op.f("pk_staff_locations")),
    )
    op.create_table(
        "tax_rates",
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("tax_category", sa.String(length=20), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("rate_percent", Percent(), nullable=False),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_tax_rates_location_id")),
        sa.PrimaryKeyConstraint("location_id", "tax_category", "from_on", name=op.f("pk_tax_rates")),
    )
    op.create_table(
        "drawers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("desk_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("fk_drawers_desk_id")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_drawers_location_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drawers")),
        sa.UniqueConstraint("desk_id", name=op.f("uq_drawers_desk_id")),
    )
    op.create_table(
        "package_plans",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("sessions", sa.Integer(), nullable=False),
        sa.Column("bonus_sessions", sa.Integer(), nullable=False),
        sa.Column("validity_months", sa.Integer(), nullable=False),
        sa.Column("refund_policy", sa.String(length=16), nullable=False),
        sa.Column("expiry_policy", sa.String(length=16), nullable=False),
        sa.Column("in_shop", sa.Boolean(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("terms_version", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "expiry_policy IN ('account_credit', 'lapse', 'never')", name=op.f("ck_package_plans_expiry_policy")
        ),
        sa.CheckConstraint(
            "refund_policy IN ('pro_rata', 'single_price', 'store_credit')", name=op.f("ck_package_plans_refund_policy")
        ),
        sa.CheckConstraint("sessions > 0 AND bonus_sessions >= 0", name=op.f("ck_package_plans_sessions")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_package_plans_item_id")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_package_plans")),
    )
    op.create_table(
        "postings",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("account_key", sa.String(length=80), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_postings_not_zero")),
        sa.ForeignKeyConstraint(["entry_id"], ["journal_entries.id"], name=op.f("fk_postings_entry_id")),
        sa.ForeignKeyConstraint(
            ["location_id", "account_key"],
            ["accounts.location_id", "accounts.key"],
            name=op.f("fk_postings_location_id_account_key"),
        ),
        sa.PrimaryKeyConstraint("entry_id", "position", name=op.f("pk_postings")),
    )
    op.create_index("ix_postings_account", "postings", ["location_id", "account_key"], unique=False)
    op.create_table(
        "prices",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("price_minor >= 0", name=op.f("ck_prices_not_negative")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_prices_item_id")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_prices_location_id")),
        sa.PrimaryKeyConstraint("item_id", "location_id", "from_on", name=op.f("pk_prices")),
    )
    op.create_table(
        "readers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("desk_id", sa.Uuid(), nullable=False),
        sa.Column("stripe_reader_id", sa.String(length=80), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("fk_readers_desk_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readers")),
        sa.UniqueConstraint("desk_id", name=op.f("uq_readers_desk_id")),
        sa.UniqueConstraint("stripe_reader_id", name=op.f("uq_readers_stripe_reader_id")),
    )
    op.create_table(
        "staff_sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("face", sa.String(length=10), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("desk_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("face IN ('register', 'office')", name=op.f("ck_staff_sessions_face")),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("fk_staff_sessions_desk_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_sessions_staff_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_sessions")),
    )
    op.create_index(op.f("ix_staff_sessions_staff_id"), "staff_sessions", ["staff_id"], unique=False)
    op.create_table(
        "tickets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("desk_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'parked', 'paying', 'completed', 'dropped')", name=op.f("ck_tickets_state")
        ),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_tickets_client_id")),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("fk_tickets_desk_id")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_tickets_location_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_tickets_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
    )
    op.create_index("ix_tickets_location_state", "tickets", ["location_id", "state"], unique=False)
    op.create_table(
        "orders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("desk_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("cart", sa.JSON(), nullable=False),
        sa.Column("grants", sa.JSON(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("tip_minor", sa.BigInteger(), nullable=False),
        sa.Column("tip_staff_id", sa.Uuid(), nullable=True),
        sa.Column("cash_tendered_minor", sa.BigInteger(), nullable=False),
        sa.Column("card_minor", sa.BigInteger(), nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("placed_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("channel IN ('register', 'shop')", name=op.f("ck_orders_channel")),
        sa.CheckConstraint("state IN ('placed', 'completed', 'released')", name=op.f("ck_orders_state")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_orders_client_id")),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("fk_orders_desk_id")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_orders_location_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_orders_staff_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_orders_ticket_id")),
        sa.ForeignKeyConstraint(["tip_staff_id"], ["staff.id"], name=op.f("fk_orders_tip_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
    )
    op.create_index("ix_orders_state", "orders", ["state", "placed_at"], unique=False)
    op.create_index(op.f("ix_orders_ticket_id"), "orders", ["ticket_id"], unique=False)
    op.create_table(
        "plan_items",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.CheckConstraint("role IN ('eligible', 'included')", name=op.f("ck_plan_items_role")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_plan_items_item_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["package_plans.item_id"], name=op.f("fk_plan_items_plan_id")),
        sa.PrimaryKeyConstraint("plan_id", "item_id", name=op.f("pk_plan_items")),
    )
    op.create_table(
        "sales",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("desk_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("business_on", sa.Date(), nullable=False),
        sa.Column("completed_at", UtcDateTime(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("tax_inclusive", sa.Boolean(), nullable=False),
        sa.Column("tax_method", sa.String(length=8), nullable=False),
        sa.Column("list_minor", sa.BigInteger(), nullable=False),
        sa.Column("covered_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("tip_minor", sa.BigInteger(), nullable=False),
        sa.Column("tip_staff_id", sa.Uuid(), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("net_minor >= 0 AND tax_minor >= 0 AND tip_minor >= 0", name=op.f("ck_sales_not_negative")),
        sa.CheckConstraint("total_minor = net_minor + tax_minor", name=op.f("ck_sales_total")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_sales_client_id")),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("fk_sales_desk_id")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_sales_location_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_sales_staff_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_sales_ticket_id")),
        sa.ForeignKeyConstraint(["tip_staff_id"], ["staff.id"], name=op.f("fk_sales_tip_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_sales_ticket_id")),
    )
    op.create_index("ix_sales_client_id", "sales", ["client_id"], unique=False)
    op.create_index("ix_sales_location_id_business_on", "sales", ["location_id", "business_on"], unique=False)
    op.create_table(
        "shifts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("drawer_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("business_on", sa.Date(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("float_minor", sa.BigInteger(), nullable=False),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("expected_minor", sa.BigInteger(), nullable=True),
        sa.Column("counted_minor", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_shifts_state")),
        sa.CheckConstraint("float_minor >= 0", name=op.f("ck_shifts_float")),
        sa.ForeignKeyConstraint(["closed_by"], ["staff.id"], name=op.f("fk_shifts_closed_by")),
        sa.ForeignKeyConstraint(["drawer_id"], ["drawers.id"], name=op.f("fk_shifts_drawer_id")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_shifts_location_id")),
        sa.ForeignKeyConstraint(["opened_by"], ["staff.id"], name=op.f("fk_shifts_opened_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
    )
    op.create_index(
        "uq_shifts_open_drawer",
        "shifts",
        ["drawer_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "payment_attempts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("dispatches", sa.Integer(), nullable=False),
        sa.Column("reader_id", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.String(length=120), nullable=True),
        sa.Column("session_url", sa.Text(), nullable=True),
        sa.Column("intent_id", sa.String(length=120), nullable=True),
        sa.Column("charge_id", sa.String(length=120), nullable=True),
        sa.Column("card_brand", sa.String(length=20), nullable=True),
        sa.Column("card_last4", sa.String(length=4), nullable=True),
        sa.Column("reason_code", sa.String(length=60), nullable=True),
        sa.Column("sentence", sa.String(length=300), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('reader', 'checkout')", name=op.f("ck_payment_attempts_kind")),
        sa.CheckConstraint(
            "state IN ('created', 'pending', 'declined', 'unknown', 'succeeded', 'canceled', 'failed')",
            name=op.f("ck_payment_attempts_state"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payment_attempts_amount")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_payment_attempts_order_id")),
        sa.ForeignKeyConstraint(["reader_id"], ["readers.id"], name=op.f("fk_payment_attempts_reader_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_attempts")),
        sa.UniqueConstraint("charge_id", name=op.f("uq_payment_attempts_charge_id")),
        sa.UniqueConstraint("intent_id", name=op.f("uq_payment_attempts_intent_id")),
        sa.UniqueConstraint("key", name=op.f("uq_payment_attempts_key")),
        sa.UniqueConstraint("session_id", name=op.f("uq_payment_attempts_session_id")),
    )
    op.create_index(op.f("ix_payment_attempts_order_id"), "payment_attempts", ["order_id"], unique=False)
    op.create_index(
        "uq_payment_attempts_active_order",
        "payment_attempts",
        ["order_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('created', 'pending', 'declined', 'unknown')"),
        postgresql_where=sa.text("state IN ('created', 'pending', 'declined', 'unknown')"),
    )
    op.create_table(
        "receipts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sale_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("series", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("business_on", sa.Date(), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_receipts_location_id")),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name=op.f("fk_receipts_sale_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
        sa.UniqueConstraint("location_id", "series", "number", name=op.f("uq_receipts_location_id_series_number")),
        sa.UniqueConstraint("sale_id", name=op.f("uq_receipts_sale_id")),
        sa.UniqueConstraint("token", name=op.f("uq_receipts_token")),
    )
    op.create_index(op.f("ix_receipts_label"), "receipts", ["label"], unique=False)
    op.create_table(
        "sale_lines",
        sa.Column("sale_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_minor", sa.BigInteger(), nullable=False),
        sa.Column("list_minor", sa.BigInteger(), nullable=False),
        sa.Column("cover", sa.String(length=10), nullable=False),
        sa.Column("covered_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_reason", sa.String(length=120), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_category", sa.String(length=20), nullable=False),
        sa.Column("tax_percent", Percent(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("cover IN ('', 'credit', 'included')", name=op.f("ck_sale_lines_cover")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_sale_lines_quantity")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_sale_lines_item_id")),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name=op.f("fk_sale_lines_sale_id")),
        sa.ForeignKeyConstraint(["therapist_id"], ["staff.id"], name=op.f("fk_sale_lines_therapist_id")),
        sa.PrimaryKeyConstraint("sale_id", "position", name=op.f("pk_sale_lines")),
    )
    op.create_table(
        "purchased_packages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("sale_id", sa.Uuid(), nullable=False),
        sa.Column("sale_position", sa.Integer(), nullable=False),
        sa.Column("copy", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("purchased_on", sa.Date(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_purchased_packages_client_id")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_purchased_packages_location_id")),
        sa.ForeignKeyConstraint(
            ["sale_id", "sale_position"],
            ["sale_lines.sale_id", "sale_lines.position"],
            name=op.f("fk_purchased_packages_sale_id_sale_position"),
        ),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name=op.f("fk_purchased_packages_sale_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchased_packages")),
        sa.UniqueConstraint(
            "sale_id", "sale_position", "copy", name=op.f("uq_purchased_packages_sale_id_sale_position_copy")
        ),
    )
    op.create_index("ix_purchased_packages_client_id", "purchased_packages", ["client_id"], unique=False)
    op.create_table(
        "receipt_files",
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("format", sa.String(length=16), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("rendered_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipts.id"], name=op.f("fk_receipt_files_receipt_id")),
        sa.PrimaryKeyConstraint("receipt_id", "format", name=op.f("pk_receipt_files")),
    )
    op.create_table(
        "receipt_prints",
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipts.id"], name=op.f("fk_receipt_prints_receipt_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_receipt_prints_staff_id")),
        sa.PrimaryKeyConstraint("receipt_id", "number", name=op.f("pk_receipt_prints")),
    )
    op.create_table(
        "tenders",
        sa.Column("sale_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("tendered_minor", sa.BigInteger(), nullable=False),
        sa.Column("change_minor", sa.BigInteger(), nullable=False),
        sa.Column("shift_id", sa.Uuid(), nullable=True),
        sa.Column("attempt_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(kind = 'card') = (attempt_id IS NOT NULL)", name=op.f("ck_tenders_card_has_attempt")),
        sa.CheckConstraint("(kind = 'cash') = (shift_id IS NOT NULL)", name=op.f("ck_tenders_cash_has_shift")),
        sa.CheckConstraint("kind IN ('cash', 'card')", name=op.f("ck_tenders_kind")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_tenders_amount")),
        sa.ForeignKeyConstraint(["attempt_id"], ["payment_attempts.id"], name=op.f("fk_tenders_attempt_id")),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name=op.f("fk_tenders_sale_id")),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name=op.f("fk_tenders_shift_id")),
        sa.PrimaryKeyConstraint("sale_id", "position", name=op.f("pk_tenders")),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_tenders_attempt_id")),
    )
    op.create_index(op.f("ix_tenders_shift_id"), "tenders", ["shift_id"], unique=False)
    op.create_table(
        "credit_lots",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("remaining", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("redeemed", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_percent", Percent(), nullable=False),
        sa.Column("tax_prepaid", sa.Boolean(), nullable=False),
        sa.Column("recognised_minor", sa.BigInteger(), nullable=False),
        sa.Column("granted_at", UtcDateTime(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.CheckConstraint("held >= 0", name=op.f("ck_credit_lots_held")),
        sa.CheckConstraint("recognised_minor BETWEEN 0 AND net_minor", name=op.f("ck_credit_lots_recognised")),
        sa.CheckConstraint("remaining + held + redeemed = quantity", name=op.f("ck_credit_lots_whole")),
        sa.CheckConstraint("remaining >= 0", name=op.f("ck_credit_lots_remaining")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_credit_lots_client_id")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_credit_lots_location_id")),
        sa.ForeignKeyConstraint(["package_id"], ["purchased_packages.id"], name=op.f("fk_credit_lots_package_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_lots")),
    )
    op.create_index("ix_credit_lots_client_id", "credit_lots", ["client_id"], unique=False)
    op.create_index(op.f("ix_credit_lots_package_id"), "credit_lots", ["package_id"], unique=False)
    op.create_table(
        "credit_moves",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("delta", sa.Integer(), nullable=False),
        sa.Column("balance_after", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("business_on", sa.Date(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("sale_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("kind IN ('grant', 'hold', 'release', 'redeem')", name=op.f("ck_credit_moves_kind")),
        sa.CheckConstraint("balance_after >= 0", name=op.f("ck_credit_moves_balance_after")),
        sa.ForeignKeyConstraint(["lot_id"], ["credit_lots.id"], name=op.f("fk_credit_moves_lot_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_credit_moves_order_id")),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name=op.f("fk_credit_moves_sale_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_credit_moves_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_moves")),
        sa.UniqueConstraint("key", name=op.f("uq_credit_moves_key")),
        sa.UniqueConstraint("lot_id", "seq", name=op.f("uq_credit_moves_lot_id_seq")),
    )
    op.create_table(
        "lot_items",
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("list_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("role IN ('eligible', 'included')", name=op.f("ck_lot_items_role")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_lot_items_item_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["credit_lots.id"], name=op.f("fk_lot_items_lot_id")),
        sa.PrimaryKeyConstraint("lot_id", "item_id", name=op.f("pk_lot_items")),
    )
    op.create_table(
        "redemptions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("sale_id", sa.Uuid(), nullable=False),
        sa.Column("sale_position", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=True),
        sa.Column("value_minor", sa.BigInteger(), nullable=False),
        sa.Column("service_on", sa.Date(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_redemptions_client_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["credit_lots.id"], name=op.f("fk_redemptions_lot_id")),
        sa.ForeignKeyConstraint(
            ["sale_id", "sale_position"],
            ["sale_lines.sale_id", "sale_lines.position"],
            name=op.f("fk_redemptions_sale_id_sale_position"),
        ),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name=op.f("fk_redemptions_sale_id")),
        sa.ForeignKeyConstraint(["therapist_id"], ["staff.id"], name=op.f("fk_redemptions_therapist_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redemptions")),
        sa.UniqueConstraint(
            "sale_id", "sale_position", "number", name=op.f("uq_redemptions_sale_id_sale_position_number")
        ),
    )
    op.create_index("ix_redemptions_lot_id", "redemptions", ["lot_id"], unique=False)
    # ### end Alembic commands ###
    for statement in guard(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)


def downgrade() -> None:

    op.drop_index("ix_redemptions_lot_id", table_name="redemptions")
    op.drop_table("redemptions")
    op.drop_table("lot_items")
    op.drop_table("credit_moves")
    op.drop_index(op.f("ix_credit_lots_package_id"), table_name="credit_lots")
    op.drop_index("ix_credit_lots_client_id", table_name="credit_lots")
    op.drop_table("credit_lots")
    op.drop_index(op.f("ix_tenders_shift_id"), table_name="tenders")
    op.drop_table("tenders")
    op.drop_table("receipt_prints")
    op.drop_table("receipt_files")
    op.drop_index("ix_purchased_packages_client_id", table_name="purchased_packages")
    op.drop_table("purchased_packages")
    op.drop_table("sale_lines")
    op.drop_index(op.f("ix_receipts_label"), table_name="receipts")
    op.drop_table("receipts")
    op.drop_index(
        "uq_payment_attempts_active_order",
        table_name="payment_attempts",
        sqlite_where=sa.text("state IN ('created', 'pending', 'declined', 'unknown')"),
        postgresql_where=sa.text("state IN ('created', 'pending', 'declined', 'unknown')"),
    )
    op.drop_index(op.f("ix_payment_attempts_order_id"), table_name="payment_attempts")
    op.drop_table("payment_attempts")
    op.drop_index(
        "uq_shifts_open_drawer",
        table_name="shifts",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_table("shifts")
    op.drop_index("ix_sales_location_id_business_on", table_name="sales")
    op.drop_index("ix_sales_client_id", table_name="sales")
    op.drop_table("sales")
    op.drop_table("plan_items")
    op.drop_index(op.f("ix_orders_ticket_id"), table_name="orders")
    op.drop_index("ix_orders_state", table_name="orders")
    op.drop_table("orders")
    op.drop_index("ix_tickets_location_state", table_name="tickets")
    op.drop_table("tickets")
    op.drop_index(op.f("ix_staff_sessions_staff_id"), table_name="staff_sessions")
    op.drop_table("staff_sessions")
    op.drop_table("readers")
    op.drop_table("prices")
    op.drop_index("ix_postings_account", table_name="postings")
    op.drop_table("postings")
    op.drop_table("package_plans")
    op.drop_table("drawers")
    op.drop_table("tax_rates")
    op.drop_table("staff_locations")
    op.drop_table("receipt_series")
    op.drop_table("ledger_chains")
    op.drop_index("ix_journal_entries_location_id_business_on", table_name="journal_entries")
    op.drop_table("journal_entries")
    op.drop_table("items")
    op.drop_table("desks")
    op.drop_index(op.f("ix_client_sessions_client_id"), table_name="client_sessions")
    op.drop_table("client_sessions")
    op.drop_index(op.f("ix_client_links_client_id"), table_name="client_links")
    op.drop_table("client_links")
    op.drop_table("accounts")
    op.drop_table("webhook_events")
    op.drop_table("staff")
    op.drop_table("services")
    op.drop_index("ix_outbox_messages_due", table_name="outbox_messages")
    op.drop_table("outbox_messages")
    op.drop_table("mailbox_mails")
    op.drop_table("locations")
    op.drop_table("door_locks")
    op.drop_index("ix_clients_search_text", table_name="clients")
    op.drop_index(op.f("ix_clients_phone"), table_name="clients")
    op.drop_table("clients")
    op.drop_index("ix_audit_events_subject", table_name="audit_events")
    op.drop_index("ix_audit_events_at", table_name="audit_events")
    op.drop_table("audit_events")
    # ### end Alembic commands ###
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS tenderpoint_append_only()")
