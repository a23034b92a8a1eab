"""Sentences about saved views of reports and about sending them."""

from __future__ import annotations

from pos.core.i18n.message import Message

NO_SUCH_VIEW = Message("no_such_view", "There is no such view, or it is not shared with you.")
NO_SUCH_REPORT = Message("no_such_report", "There is no such report, or it is not shown to you.")
VIEW_NAME_MISSING = Message("view_name_missing", "Give the view a name.")
VIEW_NAME_TAKEN = Message("view_name_taken", "You have a view of this name already. Choose another name.")
VIEW_SHARED_EVERYWHERE = Message(
    "view_shared_everywhere", "Only a view of one location can be shared. Choose the location on the report first."
)
VIEW_NOT_YOURS = Message("view_not_yours", "Only whoever saved this view can change it. Save your own from the report.")
VIEW_SHARED_BY_MANAGER = Message("view_shared_by_manager", "Only managers and owners share views.")
TOO_MANY_VIEWS = Message("too_many_views", "You have %(most)s views. Delete one before you save another.")
