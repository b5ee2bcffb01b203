"""Reads a text of reStructuredText per line, as JSON, and prints PyPI's HTML of it; null where PyPI shows the text."""

import io
import json
import sys

from docutils.parsers.rst import roles
from readme_renderer import rst

known_roles = dict(roles._roles)

for line in sys.stdin:
    # docutils keeps the roles of one document for the next.
    roles._roles.clear()
    roles._roles.update(known_roles)
    warnings = io.StringIO()
    try:
        html = rst.render(json.loads(line), stream=warnings)
    except Exception as error:
        html = None
        warnings.write(repr(error))
    print(json.dumps({"html": html, "warnings": warnings.getvalue()}))
