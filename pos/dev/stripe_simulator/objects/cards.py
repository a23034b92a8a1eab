"""The plastic people hold against the simulator, and how a charge describes it."""

from __future__ import annotations

from typing import Any

BRAND = "visa"
ONLINE_LAST4 = "4242"
PRESENT_LAST4 = "9969"
BANK_LAST4 = "6789"


def online() -> dict[str, Any]:
    """`payment_method_details` of a card typed into the hosted page."""
    return {
        "type": "card",
        "card": {
            "amount_authorized": None,
            "authorization_code": None,
            "brand": BRAND,
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": "US",
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": "simulatedonline1",
            "funding": "credit",
            "installments": None,
            "last4": ONLINE_LAST4,
            "mandate": None,
            "network": BRAND,
            "three_d_secure": None,
            "wallet": None,
        },
    }


def present() -> dict[str, Any]:
    """`payment_method_details` of a card held against a reader."""
    return {
        "type": "card_present",
        "card_present": {
            "amount_authorized": None,
            "brand": BRAND,
            "brand_product": None,
            "cardholder_name": None,
            "country": "US",
            "emv_auth_data": None,
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": "simulatedpresent",
            "funding": "debit",
            "generated_card": None,
            "incremental_authorization_supported": False,
            "issuer": "Simulated bank",
            "last4": PRESENT_LAST4,
            "network": BRAND,
            "network_transaction_id": None,
            "offline": None,
            "overcapture_supported": False,
            "preferred_locales": ["en"],
            "read_method": "contactless_emv",
            "receipt": {
                "account_type": "checking",
                "application_cryptogram": None,
                "application_preferred_name": "Visa Debit",
                "authorization_code": "123456",
                "authorization_response_code": "3030",
                "cardholder_verification_method": None,
                "dedicated_file_name": "A0000000031010",
                "terminal_verification_results": None,
                "transaction_status_information": None,
            },
            "wallet": None,
        },
    }


def bank_debit() -> dict[str, Any]:
    """`payment_method_details` of a debit from a bank account."""
    return {
        "type": "us_bank_account",
        "us_bank_account": {
            "account_holder_type": "individual",
            "account_type": "checking",
            "bank_name": "SIMULATED BANK",
            "expected_debit_date": None,
            "fingerprint": "simulateddebit01",
            "last4": BANK_LAST4,
            "mandate": None,
            "payment_reference": None,
            "routing_number": "110000000",
        },
    }
