"""Drawers, shifts, Z reports and tips."""

from __future__ import annotations

from pos.core.i18n.message import Message

POOL_SHARED_BY_VALUE = Message("pool_shared_by_value", "by treatment value")
POOL_SHARED_EQUALLY = Message("pool_shared_equally", "equally")
AMOUNT_UNUSUALLY_LARGE = Message(
    "amount_unusually_large",
    "%(amount)s %(currency)s is unusually much: more than %(limit)s. Look at it again, and say so if it is right.",
)
MOVEMENT_KIND_MISSING = Message(
    "movement_kind_missing", "Choose what happened: paid in, paid out, a drop, a tip paid out, or opened for nothing."
)
NO_SUCH_COIN = Message("no_such_coin", "%(currency)s has no such coin or note: %(piece)s.")
COUNT_NOT_A_WHOLE_NUMBER = Message(
    "count_not_a_whole_number", "Count each coin and note: a whole number, zero or more."
)
NO_SALE_MOVES_NO_MONEY = Message(
    "no_sale_moves_no_money", "Opening the drawer for nothing moves no money. Choose paid in or paid out."
)
AMOUNT_MISSING = Message("amount_missing", "Write the amount: more than zero.")
FLOAT_BELOW_ZERO = Message("float_below_zero", "The float is zero or more.")
DRAWER_OPEN_ALREADY = Message("drawer_open_already", "This drawer is open already.")
FLOAT_DIFFERS_FROM_LAST_CLOSE = Message(
    "float_differs_from_last_close",
    "This is not what the last close left in the drawer. Count again, or write down why.",
)
SHIFT_CLOSED = Message("shift_closed", "The drawer of this desk is closed. Count the float and open it first.")
MOVEMENT_KEY_USED = Message("movement_key_used", "This movement was recorded with another content.")
DIFFERENCE_REASON_MISSING = Message("difference_reason_missing", "Write down why.")
TIP_RECIPIENT_MISSING = Message("tip_recipient_missing", "Choose whose tips are paid out.")
DRAWER_CLOSED = Message("drawer_closed", "The drawer of this desk is closed.")
STAFF_MEMBER_MISSING = Message("staff_member_missing", "Choose somebody who works here.")
TIPS_OWED_LESS = Message("tips_owed_less", "Only %(owed)s %(currency)s of tips is owed to them.")
DRAWER_OPEN_ON_DAY = Message(
    "drawer_open_on_day", "The drawer of %(desk)s was opened on or before %(day)s and is still open. Close it first."
)
NOT_ENOUGH_CASH_IN_DRAWER = Message(
    "not_enough_cash_in_drawer",
    "There is %(there)s %(currency)s in the drawer, and %(amount)s would have to come out of it. %(instead)s",
)
COUNT_BELOW_ZERO = Message("count_below_zero", "Count the drawer: zero or more.")
CARD_PAYMENT_OPEN_AT_DESK = Message(
    "card_payment_open_at_desk",
    "A card payment at this desk is still open. Finish or cancel it, then close the drawer.",
)
TICKET_OPEN_AT_DESK = Message(
    "ticket_open_at_desk", "A ticket is open at this desk. Finish, park or drop it, then close the drawer."
)
MORE_LEFT_THAN_COUNTED = Message("more_left_than_counted", "No more can stay in the drawer than was counted.")
DRAWER_CLOSED_ALREADY = Message("drawer_closed_already", "This drawer is closed already.")
COINS_DIFFER_FROM_AMOUNT = Message("coins_differ_from_amount", "The coins and notes do not sum to the amount.")
NO_SUCH_Z_REPORT = Message("no_such_z_report", "There is no such Z report.")
TIP_NOT_MOVED = Message("tip_not_moved", "%(why)s Nothing was moved.")
TIP_MOVED_TO_SAME = Message("tip_moved_to_same", "Choose somebody else to move it to.")
POOL_WITHOUT_PEOPLE = Message("pool_without_people", "Choose who shares in it.")
POOL_CHANGED = Message(
    "pool_changed", "The pool has changed since it was shown. Look at it again; nothing was shared out."
)
POOL_EMPTY = Message("pool_empty", "There is nothing in the pool of that day.")
TIP_MOVE_KEY_USED = Message("tip_move_key_used", "This tip was moved already with other content. Look at it again.")
PRINTER_SILENT = Message(
    "printer_silent",
    "%(name)s did not answer. The sale is complete. Look whether the printer is on, has paper and is on the network, or "
    "print by the browser.",
)
PRINTER_OF_80_MM = Message("printer_of_80_mm", "80 mm, 48 characters a line")
PRINTER_OF_58_MM = Message("printer_of_58_mm", "58 mm, 32 characters a line")
PRINTING_NOT_INSTALLED = Message(
    "printing_not_installed",
    "Printing on a network printer needs the extra “hardware”: pip install 'tenderpoint[hardware]', then start again.",
)
NO_SUCH_PRINTER = Message("no_such_printer", "There is no such printer.")
NO_PRINTER_AT_DESK = Message("no_printer_at_desk", "This desk has no network printer. Print by the browser.")
PRINTER_NAME_MISSING_OR_LONG = Message(
    "printer_name_missing_or_long", "Give the printer a name of up to 60 characters, such as Front desk."
)
PRINTER_NAME_TAKEN = Message("printer_name_taken", "Another printer of this location is called that.")
PRINTER_HOST_ODD = Message(
    "printer_host_odd", "The address is a name or number of your network, such as 192.168.1.50 or printer.local."
)
PRINTER_PORT_ODD = Message(
    "printer_port_odd", "The port of a receipt printer is from 9100 to 9109; nearly always 9100."
)
NO_SUCH_OPEN_SHIFT = Message("no_such_open_shift", "There is no such open shift.")
POOL_NOT_SEEN = Message("pool_not_seen", "Look at the pool again.")
COUNTS_MALFORMED = Message("counts_malformed", "“counts” maps each coin and note to how many there are.")
INSTEAD_SMALLER_NOTE = Message(
    "instead_smaller_note", "Ask for a smaller note, or pay change in first. Nothing was taken."
)
INSTEAD_PAY_IN_OR_OTHER_DESK = Message(
    "instead_pay_in_or_other_desk", "Pay cash in first, or pay it out at another desk."
)
INSTEAD_TAKE_LESS = Message("instead_take_less", "Take less out, or pay cash in first.")
TIP_PARTLY_THERE = Message("tip_partly_there", "Only %(amount)s of this tip is there to move.")
POOL_SHARED_OUT_BUT = Message(
    "pool_shared_out_but", "The pool of that day was shared out: only %(amount)s of this tip is left in it."
)
TIP_PAID_OUT_BUT = Message("tip_paid_out_but", "Tips were paid out to them: only %(amount)s of this tip is still owed.")
DISPLAY_CODE_WRONG = Message(
    "display_code_wrong",
    "This is not the code, or it has ended. A code has six digits and is good for ten minutes; the office shows another.",
)
NO_SUCH_DISPLAY = Message("no_such_display", "No display is paired with this desk.")
DISPLAY_TICKET_GONE = Message("display_ticket_gone", "The reception has gone on. Please tell them your tip.")
REVIEW_AMOUNT_OUT_OF_RANGE = Message("review_amount_out_of_range", "Write an amount of 0 or more.")
REVIEW_NUMBER_OUT_OF_RANGE = Message("review_number_out_of_range", "Write a whole number from %(least)s to %(most)s.")
REVIEW_LIMITS_WHERE = Message(
    "review_limits_where",
    "An event is no accusation. From what on it is listed is set under Settings, Events to review.",
)
