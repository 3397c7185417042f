"""The command ``cdk-saga``: sagas from the outside, for people and scripts.

It sits on top of both halves, the definition (:mod:`cdk_saga`, without its constructs) and the client
(:mod:`saga_runtime.client`), and is the only place that knows both. Needs the extra ``cdk-saga[cli]``.
"""
