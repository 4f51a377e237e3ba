"""Names of instrumentations: which are meant, and which were meant where a name is wrong."""

visibility(["//rules/..."])

def check_names(names, known, *, where):
    """Fails if a name is none of the known ones.

    Args:
      names: list[string], what somebody wrote.
      known: list[string].
      where: string, what they wrote it in.
    """
    for name in names:
        if name not in known:
            near = nearest(name, known)
            fail("{}: there is no instrumentation {}. {}".format(
                where,
                repr(name),
                "Did you mean {}?".format(" or ".join([repr(n) for n in near])) if near else "There are {}.".format(", ".join([repr(n) for n in known])),
            ))

def nearest(name, known):
    """Returns the names that differ least from one, if that is little."""
    distances = [(_distance(name.lower(), k.lower()), k) for k in known]
    best = min([d for d, _ in distances] + [len(name)])
    if 3 * best > len(name) + 2:
        # The last part alone is the commonest short form.
        return [k for k in known if k.endswith("/" + name)]
    return [k for d, k in distances if d == best]

def _distance(a, b):
    """How many letters to add, take away or change (Levenshtein)."""
    row = range(len(b) + 1)
    for i in range(len(a)):
        above = row
        row = [i + 1]
        for j in range(len(b)):
            row.append(min(above[j + 1] + 1, row[j] + 1, above[j] + (0 if a[i] == b[j] else 1)))
    return row[len(b)]
