"""Names of instrumentations: which are meant, and which were meant where a name is wrong."""

load(":messages.bzl", "messages")

visibility(["//rules/..."])

def meant(names, known, *, where, folders = {}):
    """Returns which names are meant, and fails if one is none of the known ones.

    Args:
      names: list[string], what the user wrote: a name, or as variables of the environment spell it (`NET_HTTP`), or its folder's.
      known: list[string].
      where: string, what they wrote it in.
      folders: dict[string, string], by known name, where the folder's name is another.

    Returns:
      list[string], of the known ones.
    """
    found = []
    for name in names:
        these = [name] if name in known else [k for k in known if _spelled(name) in [_spelled(k), folders.get(k)]]
        found.extend(these)
        if not these:
            near = nearest(name, known)
            fail(messages.unknown_instrumentation(where, name, near, known))
    return found

def nearest(name, known):
    """Returns the names that differ least from one, if that is little."""
    distances = [(_distance(name.lower(), k.lower()), k) for k in known]
    best = min([d for d, _ in distances] + [len(name)])
    if 3 * best > len(name) + 2:
        # The last part alone is the commonest short form.
        return [k for k in known if k.endswith("/" + name)]
    return [k for d, k in distances if d == best]

def _spelled(name):
    """Returns a name as a folder may be called, and in capitals a variable."""
    return "".join([c if c.isalnum() else "_" for c in name.lower().elems()])

def _distance(a, b):
    """Returns how many letters to add, take away or change (Levenshtein)."""
    row = range(len(b) + 1)
    for i in range(len(a)):
        above = row
        row = [i + 1]
        for j in range(len(b)):
            row.append(min(above[j + 1] + 1, row[j] + 1, above[j] + (0 if a[i] == b[j] else 1)))
    return row[len(b)]
