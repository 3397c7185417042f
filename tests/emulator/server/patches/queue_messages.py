"""No message is lost when one arrives while others are deleted.

MiniStack deletes a batch by building a new list of the messages it keeps, in the thread of the event source mapping. A
message that EventBridge or `SendMessage` appends between the last look at the old list and the assignment is gone. The
patched functions remove single messages from the one list instead.
"""

import importlib

from emulator.server.rewriting import rewrite

_DELETE = {
    '        for m in q["messages"]:\n': '        for m in list(q["messages"]):\n',
    "                pass\n": '                q["messages"].remove(m)\n',
    "            else:\n                kept.append(m)\n": "",
    "        kept = []\n": "",
    '        q["messages"] = kept\n': "",
}
_MOVE_TO_THE_DEAD_LETTERS = {
    '    for m in q["messages"]:\n': '    for m in list(q["messages"]):\n',
    "            moved = dict(m)\n": '            moved = dict(m)\n            q["messages"].remove(m)\n',
    "        else:\n            keep.append(m)\n": "",
    "    keep: list = []\n": "",
    '    q["messages"] = keep\n': "",
}


def apply() -> None:
    """Patch the deletion by an event source mapping and the move to a dead-letter queue."""
    service = importlib.import_module("ministack.services.sqs")
    rewrite(service._delete_messages_for_esm, _DELETE)
    rewrite(service._dlq_sweep, _MOVE_TO_THE_DEAD_LETTERS)
