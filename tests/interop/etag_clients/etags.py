"""Changes a user with the ETag of a compressed answer, by requests. Arguments: URL, access token."""

import sys

import requests

url, token = sys.argv[1:3]
session = requests.Session()
session.headers["Authorization"] = f"Bearer {token}"

read = session.get(url)
etag = read.headers["ETag"]
statuses = [session.get(url, headers={"If-None-Match": etag}).status_code]
for nickname in ["first", "stale"]:
    body = {"claims": {"nickname": nickname}}
    headers = {"If-Match": etag, "Content-Type": "application/merge-patch+json"}
    statuses.append(session.patch(url, json=body, headers=headers).status_code)
print(read.headers.get("Content-Encoding"), *statuses)
