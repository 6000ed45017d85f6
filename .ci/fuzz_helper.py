"""What `.ci/fuzz` asks the service itself: a login, and whether it still holds at the end. Standard library only."""

import json
import os
import sys
import urllib.error
import urllib.request


def call(url, token=None, body=None):
    headers = {"Accept": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if body is not None:
        headers["Content-Type"] = "application/json"
        body = json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=30) as answer:
        return json.load(answer)


def login(address, username):
    body = {"username": username, "password": os.environ["SHARED_OFFICE_DEMO_PASSWORD"]}
    print(call(f"{address}/v1/auth/token", body=body)["access_token"])


def still_in(address):
    """Asks every GET operation that needs a login and no path parameter: none may answer 401."""
    document = call(f"{address}/v1/openapi.json")
    asked = 0
    for path, item in document["paths"].items():
        security = item.get("get", {}).get("security", document.get("security", []))
        if "get" not in item or "{" in path or not security or {} in security:
            continue
        asked += 1
        try:
            call(address + path, os.environ["TOKEN"])
        except urllib.error.HTTPError as error:
            if error.code == 401:
                sys.exit(f"error: the fuzzer's login no longer holds: GET {path} answers 401")
        except ValueError:
            pass  # not JSON, e.g. an export: the answer is what counts here
    if not asked:
        sys.exit("error: no GET operation without a path parameter, so nothing tells whether the login held")
    print(f"the login still holds: {asked} operations asked")


def tags(address):
    """The sections of the document that have operations."""
    document = call(f"{address}/v1/openapi.json")
    used = {tag for item in document["paths"].values() for operation in item.values() for tag in operation["tags"]}
    # Signing in comes last: after that many wrong passwords the service lets this machine wait.
    names = [tag["name"] for tag in document["tags"] if tag["name"] in used]
    print(" ".join(sorted(names, key=lambda name: name == "auth")))


if __name__ == "__main__":
    {"login": login, "still-in": still_in, "tags": tags}[sys.argv[1]](*sys.argv[2:])
