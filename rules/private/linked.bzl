"""The packages that weaving may link into programs, beyond what their own dependencies bring.

They are the same few hundred for every program of a build, so a set of them is an int, a bit for each package, and what goes into a link
is put together from depsets that all programs share: a program costs what is particular to it.
"""

load(":compat.bzl", "link_inputs")

visibility(["//rules/..."])

def new_packages(roots):
    """Numbers the packages that libraries consist of, and groups them.

    Args:
      roots: list[list[GoArchive]]: libraries that are mostly linked together, the more common first.

    Returns:
      A struct for `packages_of` and `linked`, with the fields
        bits: dict[string, int], by importmap.
        groups: list[struct(bits, inputs, parts)], a partition of the packages: of each of the roots those that no earlier one has. The
          parts are a partition of these by repository: list[struct(bits, inputs, packages)], packages being list[struct(bit, data)].
    """
    known = {}
    groups = []
    for libraries in roots:
        repositories = {}
        for d in depset(transitive = [a.transitive for a in libraries]).to_list():
            if d.importmap not in known:
                known[d.importmap] = 1 << len(known)
                repositories.setdefault(d.label.repo_name, []).append(struct(bit = known[d.importmap], data = d))
        parts = [_group(packages, packages = packages) for packages in repositories.values()]
        if parts:
            groups.append(_group([p for part in parts for p in part.packages], parts = parts))
    return struct(bits = known, groups = groups)

def _group(all, **fields):
    found = 0
    for p in all:
        found |= p.bit
    return struct(bits = found, inputs = link_inputs([p.data for p in all]), **fields)

def packages_of(packages, libraries):
    """Returns the set of the packages that libraries consist of.

    Args:
      packages: what `new_packages` returns.
      libraries: list[GoArchive], some of its roots.
    """
    found = 0
    for d in depset(transitive = [a.transitive for a in libraries]).to_list():
        found |= packages.bits[d.importmap]
    return found

def linked(packages, wanted):
    """Returns what a link gets for a set of packages: list of what `link_inputs` of compat.bzl returns.

    Args:
      packages: what `new_packages` returns.
      wanted: int, the set.
    """
    found = []
    single = []
    for group in packages.groups:
        for part in [group] if wanted & group.bits == group.bits else group.parts:
            here = wanted & part.bits
            if here == part.bits:
                found.append(part.inputs)
            elif here:
                single.extend([p.data for p in part.packages if here & p.bit])
    return found + ([link_inputs(single)] if single else [])
