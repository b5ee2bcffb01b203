"""Prints a line of JSON, name and text, for each README in reStructuredText.

They are those of the wheels in the folder that is the argument, and of what is installed beside this interpreter.
"""

import json
import sys
import sysconfig
import zipfile
from email.parser import BytesParser
from pathlib import Path


def metadata():
    for folder in sorted(Path(sysconfig.get_path("purelib")).glob("*.dist-info")):
        yield (folder / "METADATA").read_bytes()
    for path in sorted(Path(sys.argv[1]).glob("*.whl")):
        with zipfile.ZipFile(path) as wheel:
            name = next(n for n in wheel.namelist() if n.endswith(".dist-info/METADATA"))
            yield wheel.read(name)


for raw in metadata():
    message = BytesParser().parsebytes(raw)
    content_type = (message["Description-Content-Type"] or "text/x-rst").split(";")[0].strip()
    text = message.get_payload(decode=True).decode("utf-8", "replace")
    # What is shorter is a note that there is no README.
    if content_type == "text/x-rst" and len(text.strip()) >= 200:
        name = f"{message['Name']} {message['Version']}"
        print(json.dumps({"name": name, "text": text}))
