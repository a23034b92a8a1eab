"""Backups, and what was restored."""

from __future__ import annotations

from pos.core.i18n.message import Message

BACKED_UP = Message("backed_up", "Backed up to %(file)s (%(size)s MB).")
SECRET_KEY_NOT_BACKED_UP = Message(
    "secret_key_not_backed_up", "SECRET_KEY comes from the environment and is not in the file: keep it yourself."
)
VERIFY_OR_IN_PLACE = Message("verify_or_in_place", "Say either --verify or --in-place; --replace goes with --in-place.")
BACKUP_IS_RIGHT = Message(
    "backup_is_right",
    "Backup of %(at)s UTC by version %(version)s: every checksum is right and all %(all)s checks hold.",
)
KEPT_FROM_BEFORE = Message("kept_from_before", "What was here before is kept as %(kept)s.")
KEY_PUT_BACK = Message("key_put_back", "The installation's key was put back too.")
KEY_IS_ANOTHER = Message("key_is_another", "SECRET_KEY is not the key of this backup: everybody signs in again.")
KEY_NOT_IN_BACKUP = Message(
    "key_not_in_backup", "The backup holds no key: set the SECRET_KEY of its day, or everybody signs in again."
)
BACKUP_IN_PLACE = Message(
    "backup_in_place", "The backup is in place. Start the application, then: pos reconcile --since %(day)s"
)
