"""The way to Stripe's payment page in a browser, where nobody serves that page: only what leads there is seen."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page

from tests.support.simulator_client import PUBLIC_URL


def sent_to_payment(page: Page, key: Locator) -> None:
    """Press what leads to the payment page, and see the browser ask for it; it finds nobody there, and stays."""
    with page.expect_request(f"{PUBLIC_URL}/pay/**"):
        key.click()
    page.wait_for_url(re.compile(rf"^(chrome-error:|{re.escape(PUBLIC_URL)})"))
