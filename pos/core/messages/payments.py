"""Cards, readers, online checkout, and the setup at Stripe."""

from __future__ import annotations

from pos.core.i18n.message import Message

DESK_HAS_NO_READER = Message("desk_has_no_reader", "This desk has no card reader. Take cash, or use another desk.")
NO_SUCH_READER = Message("no_such_reader", "There is no such reader.")
CARD_SERVICE_AWAY = Message(
    "card_service_away",
    "The card service does not answer at the moment. Nothing was charged. Take cash, or try again in a moment.",
)
CARD_PAYMENTS_OFF = Message(
    "card_payments_off", "Card payments are switched off here. Take cash, or set PAYMENTS_MODE."
)
BANK_DEBIT_NOT_IN_CURRENCY = Message("bank_debit_not_in_currency", "Stripe takes no bank debits in %(currency)s.")
PRICE_CHANGED_ONLINE = Message("price_changed_online", "The price has changed since this page was opened.")
TERMS_NOT_ACCEPTED = Message("terms_not_accepted", "Please accept the terms to go on.")
ACCOUNT_CREDIT_OF_OTHER_ADDRESS = Message(
    "account_credit_of_other_address", "Your account credit pays only for what you buy with your own e-mail address."
)
PACKAGE_NOT_SOLD_ONLINE = Message("package_not_sold_online", "This package is not sold online. Ask at the desk.")
AMOUNT_REFUSED_ONLINE = Message("amount_refused_online", "%(why)s Ask at the desk, where it can be paid in cash.")
ORDER_KEY_USED = Message(
    "order_key_used", "This order was started already with other details. Start again from the package."
)
NO_SUCH_PAYMENT = Message("no_such_payment", "There is no such payment.")
SETUP_ANSWER_UNKNOWN = Message("setup_answer_unknown", "%(why)s Pressing again makes no second one.")
WEBHOOK_ADDRESS_UNREACHABLE = Message(
    "webhook_address_unreachable",
    "Stripe cannot reach this address. BASE_URL must begin with https:// and lead to this machine.",
)
READER_CODE_MISSING = Message("reader_code_missing", "Type the code the reader shows.")
READER_CODE_UNKNOWN = Message(
    "reader_code_unknown", "No reader shows this code. Let the reader show a new one and type it."
)
READER_NAME_MISSING_OR_LONG = Message(
    "reader_name_missing_or_long", "Give the reader a name of up to %(most)s characters."
)
READER_NOT_AT_STRIPE = Message("reader_not_at_stripe", "There is no such reader at Stripe.")
DESK_NOT_HERE = Message("desk_not_here", "There is no such desk here.")
READER_PAYMENT_OPEN = Message(
    "reader_payment_open", "A payment is still open at this reader. Finish or cancel it at the desk first."
)
READER_NOT_ASKED = Message("reader_not_asked", "The reader cannot be asked at the moment. Try again, or take cash.")
READER_NOT_REACHED = Message(
    "reader_not_reached", "The reader cannot be reached. Check its power and network, or take cash."
)
QR_CODE_GONE = Message("qr_code_gone", "There is no code to pay by any more.")
AMOUNT_TOO_SMALL_FOR_CARD = Message(
    "amount_too_small_for_card",
    "That is less than a card can be charged. Nothing was taken. Take it in cash, or more by card.",
)
AMOUNT_TOO_LARGE_FOR_CARD = Message(
    "amount_too_large_for_card", "That is more than a card can be charged at once. Nothing was taken. Split it."
)
AMOUNT_NOT_CHARGEABLE = Message(
    "amount_not_chargeable", "A card cannot be charged exactly this amount. Nothing was taken. Split it, or take cash."
)
AMOUNT_BELOW_CARD_MINIMUM = Message(
    "amount_below_card_minimum", "%(amount)s is less than a card can be charged: %(lowest)s or more."
)
CARD_WITHOUT_MONEY = Message(
    "card_without_money",
    "There is not enough money on this card. Nothing was taken. Try another card, or take cash.",
)
CARD_AT_ITS_LIMIT = Message(
    "card_at_its_limit", "This card has reached its limit. Nothing was taken. Try another card, or take cash."
)
CARD_EXPIRED = Message("card_expired", "This card has expired. Nothing was taken. Try another card, or take cash.")
CARD_PIN_WRONG_TOO_OFTEN = Message(
    "card_pin_wrong_too_often", "The PIN was wrong too often. Nothing was taken. Try another card, or take cash."
)
CARD_NOT_IN_CURRENCY = Message(
    "card_not_in_currency",
    "This card cannot pay in this currency. Nothing was taken. Try another card, or take cash.",
)
CARD_CANNOT_PAY_HERE = Message(
    "card_cannot_pay_here", "This card cannot pay here. Nothing was taken. Try another card, or take cash."
)
CARD_DECLINED_BY_BANK = Message(
    "card_declined_by_bank", "The bank declined this card. Nothing was taken. Try another card, or take cash."
)
CARD_PIN_WRONG = Message("card_pin_wrong", "The PIN was wrong. Nothing was taken. Let the client try again.")
CARD_WANTS_CHIP_AND_PIN = Message(
    "card_wants_chip_and_pin",
    "The card wants to be inserted and a PIN typed. Nothing was taken. Try again with the chip.",
)
CARD_WANTS_PIN = Message("card_wants_pin", "The card wants a PIN. Nothing was taken. Try again with the chip.")
CARD_TROUBLE_AT_BANK = Message(
    "card_trouble_at_bank", "The bank had a problem with this card. Nothing was taken. Try again, or take cash."
)
CARD_BANK_NOT_REACHED = Message(
    "card_bank_not_reached", "The bank could not be reached. Nothing was taken. Try again, or take cash."
)
TEST_CARD_USED = Message("test_card_used", "A test card was used. Nothing was taken. Use a real card.")
CANCELED_ON_READER = Message("canceled_on_reader", "The client canceled on the reader. Nothing was taken.")
PAYMENT_GIVEN_UP = Message(
    "payment_given_up", "This payment was given up in the meantime. Nothing was taken. Start the payment again."
)
STRIPE_REFUSED = Message("stripe_refused", "Stripe refused this call.")
CHECKOUT_WITHOUT_MONEY = Message("checkout_without_money", "This checkout asked for no money.")
WEBHOOK_NOT_SIGNED = Message("webhook_not_signed", "This webhook was not signed by Stripe for us, so it was not read.")
PAY_CASH_OR_MORE_BY_CARD = Message(
    "pay_cash_or_more_by_card",
    "Take it in cash, or take less in cash or from gift card and credit, so that the card pays more.",
)
PART_NOT_WITHIN_REST = Message("part_not_within_rest", "Write a part of the %(rest)s that is left.")
PART_IS_ALL_OF_IT = Message(
    "part_is_all_of_it", "That is all of the %(rest)s that is left. Take it as cash, where change is reckoned."
)
REST_HAS_CHANGED = Message(
    "rest_has_changed",
    "Something was paid of this ticket in the meantime. Look at what is still due, and choose again.",
)
CARD_STILL_ASKED = Message(
    "card_still_asked", "A card is being asked for a part of this ticket. Finish or stop that first."
)
PART_PAID_IN_OTHER_MODE = Message(
    "part_paid_in_other_mode",
    "A card paid a part of this ticket in another mode of Stripe (live or test). Its rest cannot be taken in this one.",
)
TICKET_NOT_PARTLY_PAID = Message("ticket_not_partly_paid", "This ticket is not being paid any more.")
GIFT_CARD_PAYS_NO_PART = Message("gift_card_pays_no_part", "It can pay nothing of what is left.")
PART_OF_UNKNOWN_KIND = Message("part_of_unknown_kind", "Choose how this part is paid.")
PARTS_GIVEN_BACK = Message("parts_given_back", "The sale was given up before all of it was paid.")
CASH_TO_HAND_BACK = Message("cash_to_hand_back", "Hand back %(cash)s in cash.")
QR_CODE_NOT_MADE = Message(
    "qr_code_not_made", "The code could not be made. Nothing was taken. Try again, or take cash."
)
PAYMENT_NOT_MADE_BY_BANK = Message("payment_not_made_by_bank", "The bank did not make this payment. Nothing was taken.")
READER_NOT_ASKING = Message(
    "reader_not_asking", "The reader is not asking for this card. Ask again, or take cash. Nothing was taken."
)
PAYMENT_DOES_NOT_FIT = Message("payment_does_not_fit", "This payment does not fit its sale.")
PAYMENT_REFUSED_BY_CARD_SERVICE = Message(
    "payment_refused_by_card_service", "The card service refused this payment. Nothing was taken."
)
READER_OF_OTHER_LOCATION = Message(
    "reader_of_other_location", "This reader belongs to another location. Somebody who works at both can move it."
)
STRIPE_IN_TROUBLE = Message("stripe_in_trouble", "Stripe has trouble of its own. Try again in a minute.")
KEY_WITHOUT_PERMISSION_OR_UNKNOWN = Message(
    "key_without_permission_or_unknown",
    "This key may not see that, or Stripe does not know it. Compare STRIPE_SECRET_KEY with Stripe’s page of keys.",
)
STRIPE_ASKED_TOO_OFTEN = Message(
    "stripe_asked_too_often", "Stripe is asked too often at the moment. Wait a minute and try again."
)
STRIPE_WITHOUT_ANSWER = Message(
    "stripe_without_answer", "Stripe did not answer. Look at the connection of this machine and try again."
)
KEY_UNKNOWN_AT_STRIPE = Message(
    "key_unknown_at_stripe", "Stripe does not know this key. Compare STRIPE_SECRET_KEY with its page of keys."
)
KEY_WITHOUT_PERMISSION = Message(
    "key_without_permission", "This key may not do that. Give the restricted key that permission, or use another."
)
OTHER_SALE_PAID_BEFORE = Message("other_sale_paid_before", "%(sale)s was paid a moment before.")
CARD_AT_THE_BANK = Message("card_at_the_bank", "The bank is being asked right now. Wait a moment; do not charge again.")
SALE_AT_DESK = Message("sale_at_desk", "%(person)s’s sale at %(desk)s")
OTHER_SALE = Message("other_sale", "The other sale")
READER_BUSY_WITH = Message("reader_busy_with", "The reader is busy with %(sale)s. Wait, or take cash.")
READER_BUSY = Message("reader_busy", "The reader is busy. Wait a moment and try again, or take cash.")
READER_DID_NOT_ACCEPT = Message(
    "reader_did_not_accept", "The reader did not accept this payment. Try again, or take cash."
)
SALE_NOT_COMPLETABLE = Message(
    "sale_not_completable",
    "This sale cannot be completed as it is, so nothing was charged. Change it, or tell a manager.",
)
STRIPE_SAID = Message("stripe_said", "Stripe refused: %(what)s")
