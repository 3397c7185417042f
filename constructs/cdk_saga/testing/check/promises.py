"""What handlers promise: the rules, as a report says them."""

from typing import Final

VOID: Final = "A compensation changes nothing unless its own saga's effect is there."
UNDONE: Final = "A saga that is COMPENSATED leaves nothing behind."
UNDONE_ONCE: Final = "A compensation undoes once, however often it is called."
ONCE: Final = "An action takes effect once, however often it is called."
OWN: Final = "A saga touches only what is its own."
REJECTED: Final = "An action that raises Rejected has changed nothing: it will not be undone."
DEFINITE: Final = "A definite no is Rejected; anything else is tried again, and means that perhaps it happened."
NOTHING: Final = "To find nothing to undo is a success."
RESULTLESS: Final = "A compensation gets by without the action's result: a crashed action has reported none."
UNANSWERED: Final = "A compensation gets by without an answer: perhaps none was given."
WAITS: Final = "A step whose action returns Pending says how long it waits."
FINISHES: Final = "What is tried long enough gets through."
TRANSACTION: Final = "What an `action` changes goes through `writes`, into the transaction that is also the ledger's."
SAME: Final = "The same input leaves the same."
EVERY: Final = "What holds for every saga."
