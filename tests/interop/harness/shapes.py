# SPDX-License-Identifier: Apache-2.0
"""What a JSON answer is made of, without its values, so that answers about two servers can be laid side by side."""
import re

# Members whose names are data: addresses, ids, dates, names that a run makes.
DATA = re.compile(r"^(\d+|[0-9.]+:\d+|[0-9A-F]{32}|.*Interop_.*|.*interop_.*|.*@.*|\d{4}-\d\d-\d\d.*|MessageQueue ?[\[({].*|%.*)$")


def shape_of(value, path="", into=None):
    """A set of "path: kind", where every element of a list counts as the same place, and so does every member named by data."""
    into = set() if into is None else into
    if isinstance(value, dict):
        into.add(f"{path}: object")
        for name, member in value.items():
            shape_of(member, f"{path}.{'*' if DATA.match(name) else name}", into)
    elif isinstance(value, list):
        into.add(f"{path}: list")
        for element in value:
            shape_of(element, f"{path}[]", into)
    else:
        into.add(f"{path}: {kind_of(value)}")
    return into


def kind_of(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, (int, float)) else "text"


def complaint(ours, theirs, ignored):
    """Empty when `ours` has what `theirs` has and nothing else, but for paths that match one of `ignored`."""
    def rest(places):
        return sorted(p for p in places if not any(re.search(pattern, p) for pattern in ignored))

    missing, extra = rest(theirs - ours), rest(ours - theirs)
    return "; ".join(text for text, places in ((f"not here: {missing[:8]}", missing), (f"only here: {extra[:8]}", extra)) if places)
