"""The trip: a flight, a hotel and a transfer, or nothing."""

from cdk_saga import Saga, Step

trip = Saga(
    "trip",
    [
        Step("flight", participant="flights", action="book_flight", compensation="cancel_flight"),
        Step("hotel", participant="hotels", action="book_hotel", compensation="cancel_hotel"),
        Step("transfer", participant="transfers", action="book_transfer", compensation="cancel_transfer"),
    ],
)
