"""Tickets, their pricing and completion, receipts."""

from __future__ import annotations

from pos.core.i18n.message import Message

NO_SUCH_VISIT = Message("no_such_visit", "There is no such visit.")
NO_SUCH_CREDIT_NOTE = Message("no_such_credit_note", "There is no such credit note.")
NO_SUCH_RECEIPT = Message("no_such_receipt", "There is no such receipt.")
INSTALMENT_AMOUNT_MISSING = Message("instalment_amount_missing", "Write how much of the package is paid now.")
VISIT_NOT_NAMED = Message("visit_not_named", "A visit is named by its sale and its line.")
SEND_DAY_MALFORMED = Message("send_day_malformed", "A day is written like 2026-12-24.")
PERCENT_OUT_OF_RANGE_OR_TOO_FINE = Message(
    "percent_out_of_range_or_too_fine", "A percentage is between 0 and 100, with three decimals at most."
)
AMOUNT_NOT_IN_MINOR_UNITS = Message(
    "amount_not_in_minor_units", "An amount is zero or more, and not more than a sale can hold."
)
DISCOUNT_WITHOUT_AMOUNT = Message("discount_without_amount", "A discount has a percentage or an amount.")
EXEMPTION_REASON_MISSING = Message("exemption_reason_missing", "Say why it is free of tax.")
EXEMPTION_PAPER_MISSING = Message("exemption_paper_missing", "Write the number of the paper that says so.")
EXEMPTION_SESSIONS_MISSING = Message("exemption_sessions_missing", "Say how many sessions are free of tax.")
TICKET_WITHOUT_LINES = Message("ticket_without_lines", "A ticket has lines.")
TICKET_TOO_LONG = Message("ticket_too_long", "A ticket has at most %(most)s lines.")
LINE_KEY_TWICE = Message("line_key_twice", "Two lines share one key.")
ONE_PACKAGE_FOR_A_VISIT = Message("one_package_for_a_visit", "A visit becomes the first of one package.")
TICKET_CODE_TOO_LONG = Message("ticket_code_too_long", "A code is a word of at most 40 signs.")
NO_SUCH_TICKET = Message("no_such_ticket", "There is no such ticket.")
TICKET_CHANGED_AT_THE_SAME_TIME = Message(
    "ticket_changed_at_the_same_time", "The ticket was changed at the same time. Look at it again; nothing was lost."
)
PERCENT_NOT_A_NUMBER = Message("percent_not_a_number", "A percentage is a number.")
LINE_WITHOUT_ITEM = Message("line_without_item", "A line names an item.")
QUANTITY_OUT_OF_RANGE = Message("quantity_out_of_range", "A quantity is between 1 and %(most)s.")
TIP_WITHOUT_AMOUNT = Message("tip_without_amount", "A tip has a percentage or an amount.")
TIP_EITHER_PERCENT_OR_AMOUNT = Message("tip_either_percent_or_amount", "A tip is either a percentage or an amount.")
VISIT_DAY_MALFORMED = Message("visit_day_malformed", "The day of the visit is a date such as 2026-11-22.")
SALE_TOO_LARGE = Message("sale_too_large", "That is more than one sale can hold.")
CASH_BELOW_ZERO = Message("cash_below_zero", "Cash must be zero or more.")
GIFT_CARDS_ABOVE_AMOUNT_DUE = Message("gift_cards_above_amount_due", "The gift cards are worth more than is due.")
NOT_ENOUGH_CASH = Message("not_enough_cash", "That is not enough cash. Take more, or take the rest by card.")
CASH_NOT_IN_COINS = Message(
    "cash_not_in_coins",
    "There are no coins for that amount of cash. Write what you got in coins and notes that are in use.",
)
CASH_COVERS_EVERYTHING = Message("cash_covers_everything", "The cash covers everything; no card is needed.")
DISCOUNT_EITHER_PERCENT_OR_AMOUNT = Message(
    "discount_either_percent_or_amount", "A discount is either a percentage or an amount."
)
DISCOUNT_NOT_POSITIVE = Message("discount_not_positive", "A discount is a positive amount.")
GIFT_CARD_SOLD_ONE_BY_ONE = Message("gift_card_sold_one_by_one", "A gift card is sold one by one, at what it is worth.")
PACKAGE_IN_PARTS_SOLD_ONE_BY_ONE = Message(
    "package_in_parts_sold_one_by_one", "A package paid in parts is sold one by one, at its price."
)
DISCOUNT_OUT_OF_RANGE = Message("discount_out_of_range", "A discount is between 0 and 100 %.")
SALE_KEY_USED = Message("sale_key_used", "This sale was completed already with other content. Start a new one.")
NO_SUCH_ORDER = Message("no_such_order", "There is no such order.")
ORDER_SETTLED_ALREADY = Message("order_settled_already", "This order has been settled already.")
THERAPIST_NOT_HERE = Message("therapist_not_here", "This person does not work here. Choose somebody else.")
TICKET_EMPTY = Message("ticket_empty", "There is nothing on the ticket yet.")
PACKAGE_NEEDS_CLIENT = Message("package_needs_client", "Choose the client who gets this package.")
PERSON_ONLY_OF_VISITS = Message(
    "person_only_of_visits", "Only a treatment or an add-on is for another person. What is bought is the client’s."
)
PERSONS_NEED_CLIENT = Message("persons_need_client", "Choose the client who pays for these persons.")
ONLY_PACKAGES_IN_PARTS = Message("only_packages_in_parts", "Only a package is paid in parts.")
PACKAGE_NOT_SOLD_IN_PARTS = Message("package_not_sold_in_parts", "This package is sold only when all of it is paid.")
DEPOSIT_OUT_OF_RANGE = Message("deposit_out_of_range", "%(least)s or more, and less than %(below)s, is paid at once.")
INSTALMENT_TAX_FIXED = Message("instalment_tax_fixed", "A part is taxed as its package was.")
PACKAGE_BOUGHT_BY_OTHER = Message(
    "package_bought_by_other", "That package is somebody else’s. Choose the client who bought it."
)
PACKAGE_ON_TICKET_ALREADY = Message("package_on_ticket_already", "This package is on the ticket already.")
INSTALMENT_NOT_POSSIBLE = Message(
    "instalment_not_possible", "Nothing more is paid for this package: it is used up, given back or disputed."
)
INSTALMENT_ABOVE_UNPAID = Message("instalment_above_unpaid", "%(unpaid)s is still to be paid, no more.")
PAYMENT_KEY_USED = Message("payment_key_used", "This payment was started already with other content. Start a new one.")
SALE_COMPLETED_ALREADY = Message("sale_completed_already", "This sale was completed already. Start a new one.")
NOTHING_TO_PAY_BY_CARD = Message("nothing_to_pay_by_card", "There is nothing to pay by card.")
CARD_AMOUNT_REFUSED = Message("card_amount_refused", "%(why)s %(what_now)s")
VISIT_DAY_OUT_OF_RANGE = Message("visit_day_out_of_range", "A visit is checked out on its own day or the day after.")
EXEMPTION_NOT_FOR_THIS = Message("exemption_not_for_this", "Only treatments and packages of them can be free of tax.")
TIP_UNUSUALLY_LARGE = Message("tip_unusually_large", "That tip is larger than ten times the ticket. Is it a slip?")
TIP_WITHOUT_TREATMENT = Message("tip_without_treatment", "A tip needs a treatment on the ticket.")
PAID_BEFORE_ABOVE_PRICE = Message(
    "paid_before_above_price", "What was paid before is more than this package costs. Nothing is paid back."
)
CREDIT_NOT_USABLE = Message(
    "credit_not_usable", "This credit cannot be used any more. Choose another one, or charge the single price."
)
ONLY_PACKAGES_TAKE_A_VISIT = Message("only_packages_take_a_visit", "Only a package can have a visit as its first.")
AMOUNT_CHANGED = Message(
    "amount_changed",
    "The amount has changed since it was shown: a price or a credit moved. Look at it again; nothing was taken.",
)
LAST_CREDIT_USED = Message(
    "last_credit_used",
    "The last credit was used at another desk a moment ago. Nothing was taken; the ticket now shows the single price.",
)
STORED_VALUE_CHANGED = Message(
    "stored_value_changed",
    "What is left on the gift card or the account has changed since it was shown. Look at it again; nothing was taken.",
)
ACCOUNT_CREDIT_NEEDS_CLIENT = Message("account_credit_needs_client", "Choose the client whose account credit is used.")
VISIT_WITHOUT_CLIENT = Message(
    "visit_without_client", "This visit was sold to nobody named. Sell it to the client who gets the package."
)
VISIT_RETURNED_ALREADY = Message(
    "visit_returned_already", "This visit was given back already. It cannot become the first of a package."
)
PACKAGE_OWNED_BY_OTHER = Message(
    "package_owned_by_other", "That package is somebody else’s. Choose the client who owns it."
)
PACKAGE_NOT_BIGGER = Message("package_not_bigger", "This package is not a bigger one for the same visits.")
PACKAGE_EXCHANGED_FOR_ONE = Message("package_exchanged_for_one", "A package is changed for one other.")
VISIT_OF_OTHER_CLIENT = Message("visit_of_other_client", "The visit was somebody else’s. Choose the client who had it.")
PACKAGE_NOT_FOR_PAST_VISIT = Message(
    "package_not_for_past_visit", "This package is not sold for a visit that took place already."
)
NO_SUCH_SALE = Message("no_such_sale", "There is no such sale.")
DISCOUNT_NEEDS_PERMISSION = Message("discount_needs_permission", "A discount needs somebody who may give one.")
AGREED_PRICE_NEEDS_PERMISSION = Message(
    "agreed_price_needs_permission", "Another price than that of the list needs somebody who may give discounts."
)
AGREED_PRICE_MALFORMED = Message("agreed_price_malformed", "An agreed price has an amount.")
AGREED_PRICE_WITHOUT_REASON = Message("agreed_price_without_reason", "Write why another price was agreed on.")
AGREED_PRICE_NOT_FOR_THIS = Message(
    "agreed_price_not_for_this", "A price is agreed on for treatments, add-ons and articles. Give a discount instead."
)
OPEN_ITEM_WITHOUT_NAME = Message("open_item_without_name", "Write what is sold.")
OPEN_ITEM_WITHOUT_AMOUNT = Message("open_item_without_amount", "Write what one costs, such as 14.00.")
OPEN_ITEM_WITHOUT_REASON = Message("open_item_without_reason", "Write why it is sold without being in the catalogue.")
OPEN_ITEM_WITHOUT_CATEGORY = Message(
    "open_item_without_category", "Choose how it is taxed: as one of the articles sold here."
)
OPEN_ITEM_NOT_TYPED = Message("open_item_not_typed", "An open item has a name and a price of its own.")
SERVICE_CHARGE_MALFORMED = Message("service_charge_malformed", "A service charge is on the ticket or off it.")
SERVICE_CHARGE_OFF_WITHOUT_REASON = Message(
    "service_charge_off_without_reason", "Write why the service charge is taken off."
)
EXEMPTION_NEEDS_PERMISSION = Message(
    "exemption_needs_permission", "Selling free of tax needs somebody who may do that."
)
TICKET_BEING_PAID = Message("ticket_being_paid", "This ticket is being paid. Wait for the card, or cancel the payment.")
TICKET_NOT_PARKED = Message(
    "ticket_not_parked", "This ticket is not parked any more; somebody took it up or finished it."
)
CODE_MISSING = Message("code_missing", "Type the code first.")
RECEIPT_ADDRESS_MISSING = Message("receipt_address_missing", "Write the address the receipt goes to.")
TICKET_PAID = Message("ticket_paid", "This ticket has been paid already.")
TICKET_DROPPED = Message("ticket_dropped", "This ticket was dropped.")
TICKET_PARKED = Message("ticket_parked", "This ticket is parked. Take it up first.")
TICKET_OPEN = Message("ticket_open", "This ticket is open at a desk already.")
TICKET_STEP_NOT_POSSIBLE = Message("ticket_step_not_possible", "That is not possible now.")
EXEMPTION_SESSIONS_OUT_OF_RANGE = Message(
    "exemption_sessions_out_of_range", "Between 1 and %(most)s sessions can be free of tax."
)
EXEMPTION_OF_VISIT_NOT_WHOLE = Message("exemption_of_visit_not_whole", "A visit is free of tax or it is not.")
VISIT_CONVERTED_ALREADY = Message(
    "visit_converted_already", "This visit has become the first of a package already. Nothing was taken."
)
PACKAGE_NOT_EXCHANGEABLE_NOW = Message(
    "package_not_exchangeable_now",
    "This package cannot be changed for a bigger one now: part of it was given away, given back, is being "
    "used, or it was paid in parts.",
)
VISIT_NOT_CONVERTIBLE = Message(
    "visit_not_convertible", "Only a visit paid today, whole and without a credit, can become the first of a package."
)
REPLACED_BY_BIGGER_PACKAGE = Message("replaced_by_bigger_package", "A bigger package takes its place.")
VISIT_BECAME_FIRST_OF_PACKAGE = Message(
    "visit_became_first_of_package", "This visit is the first of a package bought today."
)
OFFLINE_MINUTES_OUT_OF_RANGE = Message(
    "offline_minutes_out_of_range", "A desk goes on without the server for 0 to %(most)s minutes."
)
OFFLINE_SALES_OUT_OF_RANGE = Message(
    "offline_sales_out_of_range", "Without the server a desk takes 1 to %(most)s sales."
)
OFFLINE_AMOUNT_OUT_OF_RANGE = Message(
    "offline_amount_out_of_range", "The most cash taken without the server is more than zero."
)
OFFLINE_TICKET_NOTE = Message(
    "offline_ticket_note", "Taken at %(at)s without the server: %(amount)s in cash was received."
)
OFFLINE_TICKET_KEPT = Message(
    "offline_ticket_kept",
    "Money was received for this ticket while the server did not answer. A manager drops it, after it was given back.",
)
OFFLINE_TIME_MALFORMED = Message("offline_time_malformed", "The time of the sale is not a time.")

# Visits that are expected.
NO_SUCH_APPOINTMENT = Message("no_such_appointment", "There is no such visit here. Look at the list anew.")
APPOINTMENT_RUNG_UP = Message(
    "appointment_rung_up", "This visit is rung up already, on %(receipt)s. A void of that sale opens it again."
)
APPOINTMENT_ON_TICKET = Message(
    "appointment_on_ticket", "This visit is on another ticket just now. Take that one up, or throw it away first."
)
APPOINTMENT_CANCELLED = Message(
    "appointment_cancelled", "This visit was cancelled. Open it and expect it again, then ring it up."
)
ROW_STATE_UNKNOWN = Message("row_state_unknown", "The state is “booked”, “cancelled” or empty.")
BOOKING_KEY_UNKNOWN = Message(
    "booking_key_unknown", "This key is not known, or was ended. The clinic makes a new one in the office."
)
BOOKING_NAME_MISSING_OR_LONG = Message(
    "booking_name_missing_or_long", "Give the booking system a name of up to %(most)s characters."
)
BOOKING_NAME_TAKEN = Message(
    "booking_name_taken",
    "A booking system of this name sends visits already. End its key first, or choose another name.",
)
NO_SUCH_BOOKING_SYSTEM = Message(
    "no_such_booking_system", "There is no such booking system here. Look at the list anew."
)
VISITS_NOT_A_LIST = Message(
    "visits_not_a_list", "Send an object with “visits”: a list of 1 to %(most)s objects whose values are texts."
)
VISIT_WITHOUT_REFERENCE = Message(
    "visit_without_reference", "Each visit has the “reference” that your system knows it by."
)
APPOINTMENT_NAME_MISSING = Message("appointment_name_missing", "Choose the client, or write a name.")
APPOINTMENT_NAME_TOO_LONG = Message("appointment_name_too_long", "A name has at most %(most)s characters here.")
APPOINTMENT_NOTE_TOO_LONG = Message("appointment_note_too_long", "A note has at most %(most)s characters here.")
APPOINTMENT_NOT_A_TIME = Message("appointment_not_a_time", "Write the time like 09:30.")
APPOINTMENT_DAY_TOO_FAR = Message(
    "appointment_day_too_far", "A day between %(least)s and %(most)s can be planned or looked after."
)
APPOINTMENT_NOT_A_TREATMENT = Message("appointment_not_a_treatment", "Choose a treatment that is on sale.")
ROW_NOT_A_TREATMENT = Message("row_not_a_treatment", "“%(typed)s” is no treatment sold at %(place)s.")
ROW_NOT_A_THERAPIST = Message("row_not_a_therapist", "Nobody called “%(typed)s” treats at %(place)s.")
ROW_SEVERAL_THERAPISTS = Message(
    "row_several_therapists",
    "Several people called “%(typed)s” treat at %(place)s. Leave it empty and choose at the desk.",
)
ROW_REFERENCE_TOO_LONG = Message("row_reference_too_long", "A reference has at most %(most)s characters.")
ROW_REFERENCE_TWICE = Message("row_reference_twice", "%(reference)s stands twice in the file.")
APPOINTMENT_FILE_CHANGED = Message(
    "appointment_file_changed", "The list has changed since the file was looked at. Look at it again."
)
