"""What scripts do with devpi-plumber: prepares indexes, fills and cleans them, and prints as JSON what it saw."""
import json
import sys

from devpi_plumber.client import DevpiClient, DevpiClientError, volatile_index

url, dist = sys.argv[1:]
seen = {}

with DevpiClient(url, "root", "") as client:
    seen["root"] = client.user
    client.create_user("pat", password="pw", email="pat@example.org")
    client.modify_user("pat", email="pat@example.com")
    seen["users"] = client.list_users()
    client.create_index("pat/dev", bases="", volatile="False")
    client.create_index("pat/old")

with DevpiClient(url + "pat/dev", "pat", "pw") as client:
    seen["user"] = client.user
    seen["address"] = client.url == url + "pat/dev"
    seen["indices"] = client.list_indices(user="pat")
    client.upload(dist, directory=True, dry_run=True)
    seen["dry"] = client.list()
    client.upload(dist, directory=True)
    seen["projects"] = client.list()
    seen["files"] = [line.rsplit("/", 1)[1] for line in client.list("--index", "pat/dev", "--all", "anchor")]
    seen["missing"] = client.list("nothing")
    seen["type"] = client.get_json("anchor/1.0")["type"]
    try:
        client.remove("--index", "pat/dev", "anchor==1.0")
    except DevpiClientError as error:
        seen["refused"] = "403 Forbidden" in str(error)
    try:
        with volatile_index(client, "pat/dev", force_volatile=False):
            pass
    except DevpiClientError as error:
        seen["nonvolatile"] = str(error)
    with volatile_index(client, "pat/dev"):
        seen["volatile"] = "volatile=True" in client.modify_index("pat/dev")
        client.remove("--index", "pat/dev", "anchor==1.0")
    seen["again"] = "volatile=False" in client.modify_index("pat/dev")
    seen["left"] = [line.rsplit("/", 1)[1] for line in client.list("anchor")]
    client.delete_index("pat/old")
    seen["indices at the end"] = client.list_indices(user="pat")

with DevpiClient(url, "root", "") as client:
    client.delete_user("pat")
    seen["users at the end"] = client.list_users()
    client.logoff()
    seen["nobody"] = client.user

try:
    with DevpiClient(url, "root", "wrong"):
        pass
except DevpiClientError as error:
    seen["wrong password"] = "401 Unauthorized" in str(error)

print(json.dumps(seen))
