"""Sentences about saved views of reports, and about sending them by mail."""

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
SCHEDULE_MALFORMED = Message("schedule_malformed", "Choose how often, at which hour and as which file.")
SCHEDULE_OF_GIVEN_DAYS = Message(
    "schedule_of_given_days",
    "Only days by name can be sent, such as “yesterday” or “last month”: given days would be the same each time.",
)
SCHEDULE_WITHOUT_ADDRESS = Message(
    "schedule_without_address", "You have no e-mail address. A manager adds one in your record."
)
SCHEDULE_NO_FILES = Message("schedule_no_files", "Your role does not include the files of this report.")
SCHEDULE_PEOPLE_BY_MANAGER = Message("schedule_people_by_manager", "Only managers and owners choose who else gets it.")
SCHEDULE_PERSON_UNKNOWN = Message(
    "schedule_person_unknown",
    "Choose people of the view’s location who may see this report and have an e-mail address.",
)
SCHEDULE_KEEPS_NAMED_DAYS = Message(
    "schedule_keeps_named_days",
    "This view is sent by mail with days by name. End that before you save it with given days.",
)
REPORT_TOO_LARGE_TO_MAIL = Message(
    "report_too_large_to_mail", "Its file is too large to be mailed. Open the report and save it."
)
