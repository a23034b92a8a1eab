"""A caller in a process of its own: reads what to ask from its input, says “ready”, waits for “go”, answers what it got."""

from __future__ import annotations

import collections
import http.client
import json
import sys
from urllib.parse import urlencode


def main() -> None:
    told = json.loads(sys.stdin.readline())
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=120)
    headers = {"Content-Type": "application/json", **told["headers"]}
    print("ready", flush=True)  # noqa: T201  (who started this waits for it)
    sys.stdin.readline()
    got: collections.Counter[str] = collections.Counter()
    for body in told["bodies"]:
        typed = headers["Content-Type"] != "application/json"
        connection.request("POST", told["path"], urlencode(body) if typed else json.dumps(body), headers)
        answer = connection.getresponse()
        content = answer.read()
        code = json.loads(content).get("code", "") if answer.status >= 400 and not typed else ""
        got[f"{answer.status} {code}".strip()] += 1
    print(json.dumps(got))  # noqa: T201  (the answer)


main()
