"""An explicit-state search of the ledger: every interleaving of deliveries, crashes, repetitions and orders.

Where the simulation runs one schedule after another, this search keeps the set of all states that any schedule can
reach, and looks at each once. It runs the real code: participants, runtime, ledger and recovery as they are deployed,
on the simulated DynamoDB, with the generated routes. Three ideas make that fast enough for millions of states:

- what a delivery does next depends only on the message and on the replies it has got, so the real code is asked once
  for each history of replies (`deliveries`), and answers from memory afterwards;
- what a request does depends only on the tables and on the request, so DynamoDB is asked once for each pair (`tables`);
- of time only the leases remain: a lease is running, or, after a step "time passes", it is over.
"""
