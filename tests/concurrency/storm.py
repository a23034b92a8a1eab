"""One worker of a storm of webhooks: `python -m tests.concurrency.storm URL FOLDER FILE START STEP`.

It posts its share of the deliveries in a file through the application's WSGI face, and carries out what they leave in the
outbox as it goes. It answers with how often it got which status for which kind of delivery.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from pos.app import create_app
from pos.core import clock
from pos.core.app_context import running
from pos.core.config import read_settings
from pos.core.database.base import db
from pos.integrations.stripe import GatewayConfig, open_gateway
from pos.services.jobs import event_handlers
from pos.worker import work_once
from tests.conftest import SECRET_KEY
from tests.support.cards import CARDS

EVERY = 250


def main() -> None:
    """Post every STEPth delivery from START on."""
    url, folder, file, start, step = (
        sys.argv[1],
        Path(sys.argv[2]),
        Path(sys.argv[3]),
        int(sys.argv[4]),
        int(sys.argv[5]),
    )
    told = json.loads(file.read_text(encoding="utf-8"))
    env = {
        **CARDS.kwargs,
        "DATABASE_URL": url,
        "SECRET_KEY": SECRET_KEY,
        "WORKER_THREAD": "off",
        "BASE_URL": "http://localhost",
    }
    env |= {"STRIPE_WEBHOOK_SECRET": told["secret"], "STRIPE_API_BASE": told["api_base"]}
    app = create_app(read_settings(env, instance_dir=folder))
    event_handlers.HANDLERS["sale_completed"] = lambda _: None  # no paper in this storm
    answers: Counter[str] = Counter()
    with clock.at(datetime.fromtimestamp(told["at"], UTC)):
        with app.app_context():
            running().helpers["gateway"] = open_gateway(
                GatewayConfig("simulator", env["STRIPE_SECRET_KEY"], (told["secret"],), told["api_base"])
            )
        web = app.test_client()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        for number, (kind, body, signature) in enumerate(told["deliveries"][start::step]):
            answer = web.post(
                "/hooks/stripe", data=body, headers={"Stripe-Signature": signature, "Content-Type": "application/json"}
            )
            answers[f"{kind} {answer.status_code}"] += 1
            if number % EVERY == EVERY - 1:
                with app.app_context():
                    for _ in range(8):
                        work_once()
        with app.app_context():
            while work_once():
                pass
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()
    sys.stdout.write(json.dumps(answers) + "\n")


if __name__ == "__main__":
    main()
