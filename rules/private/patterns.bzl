"""Patterns of import paths, as the rule language has them: `...` is any text (`net/...` is `net`, too), `*` any text without a slash."""

visibility(["//rules/..."])

def compile_pattern(text):
    """Reads a pattern.

    Args:
      text: string, an import path or a pattern of import paths.

    Returns:
      A struct for `pattern_matches`, with the fields
        text: string, as it was given.
        exact: bool, whether it is a path and nothing else.
    """
    below = text.removesuffix("/...")
    exact = not _is_wild(text)
    simple = not exact and below != text and not _is_wild(below)
    return struct(
        text = text,
        exact = exact,
        # The path itself and everything below it: by far the commonest pattern, compared without a loop.
        path = text if exact else below if simple else None,
        below = below + "/" if simple else None,
        prefix = text.partition("...")[0].partition("*")[0],
        alternatives = [] if exact or simple else [_tokens(text)] + ([_tokens(below)] if below != text else []),
    )

def pattern_matches(pattern, path):
    """Whether an import path is what a compiled pattern asks for. The time does not depend on anything but the lengths of both."""
    if pattern.path != None:
        return path == pattern.path or pattern.below != None and path.startswith(pattern.below)
    return path.startswith(pattern.prefix) and any([_run(tokens, path) for tokens in pattern.alternatives])

def any_matches(patterns, path):
    """Whether an import path is what any of some compiled patterns asks for."""
    for pattern in patterns:
        if pattern_matches(pattern, path):
            return True
    return False

def may_be_std(path):
    """Whether a path or pattern may be of the standard library, whose paths alone have no dot in their first element.

    A pattern that begins with a wild card is for packages of repositories and modules: std packages are asked for by name, or below a name.
    """
    first = path.partition("/")[0]
    return "." not in first and "*" not in first

def _is_wild(text):
    return "..." in text or "*" in text

def _tokens(text):
    tokens = []
    for i, part in enumerate(text.split("...")):
        if i:
            tokens.append("...")
        tokens.extend(part.elems())
    return tokens

def _run(tokens, path):
    """Follows all readings of a pattern at once; a state is how much of the pattern is behind it."""
    states = _skip_wild(tokens, [0])
    for c in path.elems():
        after = []
        for state in states:
            if state < len(tokens):
                token = tokens[state]
                if token == "..." or token == "*" and c != "/":
                    after.append(state)
                elif token == c:
                    after.append(state + 1)
        states = _skip_wild(tokens, after)
        if not states:
            return False
    return len(tokens) in states

def _skip_wild(tokens, states):
    """Adds the states after wild cards, which may stand for nothing."""
    found = {}
    for state in states:
        found[state] = None
        for i in range(state, len(tokens)):
            if tokens[i] not in ("...", "*"):
                break
            found[i + 1] = None
    return found
