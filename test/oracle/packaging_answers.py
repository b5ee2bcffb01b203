"""Answers questions about versions with the packaging library: a JSON line in, a JSON line out."""

import json
import sys

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_version
from packaging.version import InvalidVersion, Version


def parse(kind, text, refusal):
    try:
        return kind(text)
    except refusal:
        return None


def answer(left, right, specifiers):
    a, b = parse(Version, left, InvalidVersion), parse(Version, right, InvalidVersion)
    allowed = parse(SpecifierSet, specifiers, InvalidSpecifier)
    is_answerable = a is not None and allowed is not None
    return {
        "normal": a and str(a),
        "canonical": a and canonicalize_version(a),
        "order": None if a is None or b is None else (a > b) - (a < b),
        "isPrerelease": a and a.is_prerelease,
        "isSpecifierSet": allowed is not None,
        "contains": allowed.contains(a) if is_answerable else None,
        "containsFinal": allowed.contains(a, prereleases=False) if is_answerable else None,
    }


for line in sys.stdin:
    print(json.dumps(answer(*json.loads(line))))
