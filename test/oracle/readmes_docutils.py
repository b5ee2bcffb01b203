"""Prints a line of JSON for each README in reStructuredText among the wheels of a folder and what is installed here.

Arguments: the folder. Each line: the release's name, the text, and PyPI's HTML of it; null where PyPI shows the text.
"""

import io
import json
import sys
import sysconfig
import zipfile
from email.parser import BytesParser
from pathlib import Path

from readme_renderer import rst


def metadata():
    for folder in sorted(Path(sysconfig.get_path("purelib")).glob("*.dist-info")):
        yield (folder / "METADATA").read_bytes()
    for path in sorted(Path(sys.argv[1]).glob("*.whl")):
        with zipfile.ZipFile(path) as wheel:
            name = next(n for n in wheel.namelist() if n.endswith(".dist-info/METADATA"))
            yield wheel.read(name)


def main():
    for raw in metadata():
        message = BytesParser().parsebytes(raw)
        content_type = (message["Description-Content-Type"] or "text/x-rst").split(";")[0]
        text = message.get_payload(decode=True).decode("utf-8", "replace")
        if not text.strip() and message["Description"]:
            lines = message["Description"].splitlines()
            text = "\n".join(line.removeprefix("        ").removeprefix("       |") for line in lines)
        if content_type.strip() != "text/x-rst" or len(text.strip()) < 200:
            continue
        warnings = io.StringIO()
        html = rst.render(text, stream=warnings)
        name = f"{message['Name']} {message['Version']}"
        print(json.dumps({"name": name, "text": text, "html": html, "warnings": warnings.getvalue()}))


main()
