"""The order: paid, reserved and handed to a carrier, or nothing. Once a carrier has it, it only goes forward."""

from cdk_saga import NOTHING_TO_UNDO, Saga, Step

order = Saga(
    "order",
    [
        Step("payment", participant="payments", action="charge", compensation="refund"),
        Step("stock", participant="warehouse", action="reserve", compensation="release"),
        Step("shipping", participant="shipping", action="assign_carrier", compensation="withdraw_carrier", pivot=True),
        Step("notice", participant="notices", action="notify", compensation=NOTHING_TO_UNDO),
    ],
    deadline=3600,
)
