"""What a WSGI server serves: `granian --interface wsgi wsgi:app`, or any other."""

from pos.app import create_app
from pos.core.app_context import settings_of
from pos.core.database.in_use import hold

app = create_app()
hold(settings_of(app))
