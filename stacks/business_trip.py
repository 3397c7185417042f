"""The business trip: approved by a person within a day, then a flight and a hotel, or nothing."""

from cdk_saga import Saga, Step

business_trip = Saga(
    "business-trip",
    [
        Step(
            "approval",
            participant="approvals",
            action="ask_approval",
            compensation="withdraw_request",
            callback_timeout=86_400,
        ),
        Step("flight", participant="flights", action="book_flight", compensation="cancel_flight"),
        Step("hotel", participant="hotels", action="book_hotel", compensation="cancel_hotel"),
    ],
)
