"""Which columns are planted by `test_planted_changes.py`, and the reason for each that need not be found.

A column of a table of history (`HISTORY` in pos/models.py) that is recorded is planted by itself; so a new one needs no line
here. Every other column of every table has one.
"""

from __future__ import annotations

# Tables that are no history: why, and all their columns.
NOT_HISTORY: dict[str, tuple[str, str]] = {
    "accounts": (
        "The bookkeeper's codes and names; entries name the fixed key, which their hash covers.",
        "location_id key code name",
    ),
    "appointments": (
        "What is planned; that it came is told by the sale of its ticket.",
        "id location_id visit_on starts_at client_id client_name item_id therapist_id note state reference origin sent "
        "source ticket_id created_at",
    ),
    "booking_systems": (
        "Whose key may send expected visits; the audit log has who made and ended it.",
        "id location_id name token_hash staff_id created_at last_sent_at ended_at",
    ),
    "desk_displays": (
        "Which screen shows what a desk does, and a tip chosen on it until the desk takes it.",
        "desk_id code_hash code_until code_tries token_hash paired_at choice_ticket_id choice_percent choice_number",
    ),
    "bookkeeping_programs": (
        "A setting: what a program calls accounts; an export keeps what it was written with.",
        "location_id program accounts settings",
    ),
    "breakage_rules": (
        "A setting: what it did is in the moves and entries it made.",
        "location_id from_on method expected_percent remote_months",
    ),
    "client_links": ("A sign-in, gone within the hour.", "token_hash client_id expires_at used_at"),
    "client_sessions": ("A sign-in.", "token_hash client_id created_at expires_at"),
    "clients": (
        "Names and addresses, which a client may correct or have erased; history holds the key alone. Which record remains "
        "is proved by the check “client_merges” from the merges.",
        "id given_name family_name email phone locale search_text sort_key note has_allergy allergy created_at "
        "merged_into_id erased_at",
    ),
    "desks": (
        "A setting: the name of a desk.",
        "id location_id name paper printer_id scanner_prefix scanner_suffix active",
    ),
    "printers": (
        "A setting: where paper comes out.",
        "id location_id name host port model opens_drawer prints_always active",
    ),
    "login_lockouts": ("Wrong attempts of the last minutes.", "door failures first_failed_at locked_until"),
    "gift_card_terms": (
        "A setting: a sold card keeps its own last day.",
        "location_id from_on least_minor most_minor balance_most_minor cash_out_minor validity_months",
    ),
    "items": (
        "A setting: a sold line keeps its own name, kind and tax category.",
        "id kind name service_id minutes code key tax_category position active",
    ),
    "locations": (
        "A setting: sales and receipts keep what they were made with.",
        "id slug name clinic_name address_lines phone email country locale currency time_zone cutoff_hour "
        "tax_inclusive tax_method tax_label tax_id_label tax_id second_tax_label second_tax_id_label "
        "second_tax_id cash_rounding csv_form receipt_prefix receipt_note accent logo_sha256 reader_tips "
        "online_methods offline_minutes offline_sales offline_minor service_charges position active",
    ),
    "mailbox_mails": (
        "What the mailbox page of a trial installation shows.",
        "id at to subject text html attachment_names raw",
    ),
    "month_files": (
        "A file that the worker makes from history and removes after two weeks.",
        "id location_id month_on state done total failure sha256 size asked_by asked_at ended_at",
    ),
    "day_totals": (
        "Sums of past days, made from their rows; a check sums them again.",
        "location_id business_on shape made_at figures booked lines bases clients",
    ),
    "nightly_runs": (
        "When a nightly job ran; what it did is in its own rows.",
        "location_id job claimed_at done_on done_at outcome",
    ),
    "outbox_messages": (
        "Messages on their way; what they tell is read from history when they are sent.",
        "id topic key payload created_at due_at attempts state last_error",
    ),
    "package_plans": (
        "A setting: a sold package keeps its own terms.",
        "item_id sessions bonus_sessions validity_months refund_policy expiry_policy sharing share_cap transfer "
        "freeze_days extension_days refund_fee_percent visit_conversion upgrade_method tier deposit_percent in_shop "
        "sale_from_on sale_to_on terms terms_version",
    ),
    "plan_items": ("A setting: a sold lot keeps its own items.", "plan_id item_id role"),
    "paired_devices": (
        "Which browsers may take PINs; pairing one and ending it are in the audit.",
        "id token_hash location_id staff_id label paired_at ended_at",
    ),
    "prices": ("A setting: a sold line keeps its own price.", "item_id location_id from_on price_minor"),
    "promo_codes": (
        "A setting: a sale keeps its discounts and their reason.",
        "id code label percent amount_minor currency location_id items from_on until_on most_uses most_per_client "
        "uses active created_at",
    ),
    "readers": ("A setting: which reader stands where.", "id desk_id stripe_reader_id label"),
    "setup_links": (
        "The address at which an empty installation is set up, over once it is.",
        "token_hash started_by made_at used_at",
    ),
    "services": ("A setting: a sold line keeps its own name.", "id name short_name description position active"),
    "share_invitations": (
        "An invitation, over within two weeks; the share it becomes is history.",
        "id lot_id email cap token_hash invited_at expires_at accepted_at share_id ended_at",
    ),
    "staff": (
        "Names, roles and sign-ins; history holds the key, a refund the role of that time.",
        "id name email role treats tier licence_number npi pin_hash pin_lookup password_hash active",
    ),
    "staff_links": (
        "A link to set a password or PIN, over within a week.",
        "token_hash staff_id kind created_at expires_at used_at",
    ),
    "required_factors": (
        "A setting: which roles need a second factor; each change is in the audit.",
        "role required_by required_at",
    ),
    "role_limits": (
        "A setting: what somebody agreed to above it is an approval; a refund keeps what its actor gave back alone.",
        "location_id role discount_percent discount_minor paid_out_minor difference_minor refund_minor cash_refund_minor "
        "void_minor goodwill_minor complimentary_credits extension_days open_item_minor service_charge_minor",
    ),
    "review_limits": (
        "A setting: from what on a report lists something; each change is in the audit.",
        "location_id void_minor cash_refund_minor discount_percent no_sale_minutes shortages extension_days",
    ),
    "saved_views": (
        "A report as somebody looks at it; each change is in the audit.",
        "id owner_id location_id report name period from_on to_on filters shared saved_at",
    ),
    "view_schedules": (
        "When a view is mailed; each change is in the audit.",
        "view_id every on_day hour file people next_at",
    ),
    "second_factors": (
        "A way to sign in; setting it up and ending it are in the audit.",
        "staff_id secret proved_at last_step",
    ),
    "recovery_codes": ("A way to sign in, used once.", "code_hash staff_id used_at"),
    "commission_rules": (
        "A setting by day; each change is in the audit.",
        "staff_id from_on visit_percent sale_percent",
    ),
    "stock_articles": ("A setting: what is counted and when it is low.", "location_id item_id low_level"),
    "staff_locations": ("A setting: who works where.", "staff_id location_id"),
    "staff_sessions": ("A sign-in.", "token_hash face staff_id desk_id created_at seen_at expires_at"),
    "public_pages": (
        "A setting: what the shop says.",
        "location_id hours closed_days headline introduction privacy imprint terms",
    ),
    "polling_cursors": ("When a list at Stripe was asked for last.", "what at"),
    "tax_categories": ("A setting: a sold line keeps its own category.", "key name active"),
    "tax_rates": (
        "A setting: a sold line keeps its own rate.",
        "location_id tax_category from_on rate_percent second_percent tax_point",
    ),
    "tickets": (
        "A cart before its sale; the sale is history.",
        "id location_id desk_id staff_id client_id content state version note approved_discounts approved_open_minor "
        "approved_charge_minor created_at changed_at",
    ),
    "tier_prices": ("A setting: a sold line keeps its own price.", "level item_id location_id from_on surcharge_minor"),
    "tiers": ("A setting: names of tiers.", "level name"),
    "webhook_events": (
        "An inbox: a message only makes us ask Stripe, whose answer counts.",
        "event_id type object_id livemode api_version received_at created_at",
    ),
    "webhook_refusals": ("A count of refused messages.", "refused_on why times last_at"),
}

# Tables with a chain or a count of their own: every column is planted, and some check finds it.
CHAINED = (
    "change_log",
    "change_log_head",
    "credit_note_series",
    "journal_entries",
    "ledger_chains",
    "postings",
    "receipt_series",
)

# Columns of history that are not recorded, for they count: another check, named here, finds what is planted.
COUNTED: dict[str, dict[str, str]] = {
    "account_credits": dict.fromkeys(("balance_minor", "held_minor", "seq"), "account_credit_balance"),
    "credit_lots": {
        "remaining": "left",
        "held": "left",
        "redeemed": "left",
        "burned": "left",
        "removed": "left",
        "seq": "moves",
        "recognised_minor": "worth",
        "tax_due_minor": "worth",
        "second_tax_due_minor": "worth",
        "breakage_minor": "worth",
    },
    "gift_cards": dict.fromkeys(("balance_minor", "held_minor", "seq"), "gift_card_balance"),
}

# Columns of the tables above that need not be found, and why.
FREE: dict[str, dict[str, str]] = {
    "approvals": {"used_at": "Whether a consent is spent; what was done with it names who agreed, and is recorded."},
    "change_log_head": {"id": "The key of the only row."},
    "client_merges": {"before": "What two records said, which may have to be erased."},
    "credit_lots": {"held_by_order_id": "The order that is asking for a part right now; it is over when the order is."},
    "gift_cards": {
        "to_name": "A name, which may have to be erased.",
        "to_email": "An address, which may have to be erased.",
        "message": "What one person wrote to another, which may have to be erased.",
    },
    "lot_shares": {"used": "It only limits what may still be used; more than the cap is found by the check “shares”."},
    "orders": {"buyer": "A name and an address, which may have to be erased; the sale is its client's."},
    "payment_attempts": {
        "reader_actions": "How often a reader was asked.",
        "changed_at": "When it was looked at last.",
        "session_url": "The address of a page at Stripe.",
        "sentence": "What the desk is told about a refusal.",
        "reason_code": "Stripe's word for a refusal.",
    },
    "unmatched_transactions": {"about": "A card, a name and an address, which may have to be erased."},
    "postings": {"position": "The order in an entry; its hash covers the postings in it."},
}
