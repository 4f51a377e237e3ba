"""Patterns of import paths, as the rule language has them.

`...` is any text (`net/...` is `net`, too), `*` any text without a slash, `?` one character other than a slash, `[a-c]` one of several,
`[^a-c]` one that is none of them. `PathPattern` in tool/ir means the same: rules/tests/pattern_table.bzl has what both are tested with.
"""

visibility(["//rules/..."])

_EXAMPLE = "an import path, or a pattern such as \"example.com/...\""
_LOWER = "abcdefghijklmnopqrstuvwxyz"
_RANGES = [_LOWER, _LOWER.upper(), "0123456789"]
_IN_CLASS = "".join(_RANGES) + "._~+@"

def pattern_error(text):
    """Returns why a text is not a pattern.

    Args:
      text: string, an import path or a pattern of import paths, as the user wrote it.

    Returns:
      string, or None if it is one.
    """
    if not text:
        return "it is empty: write " + _EXAMPLE
    if text.startswith("/") or text.endswith("/"):
        return "an import path neither begins nor ends with a slash: write " + _EXAMPLE
    if "**" in text:
        return "write \"...\" instead of \"**\": any text, slashes included"
    for element in text.split("/"):
        if element in ["", ".", ".."]:
            return "{} is not an element of an import path: write {}".format(repr(element), _EXAMPLE)
    for after in text.split("@")[1:]:
        if after.startswith("latest") or after[:1] == "v" and after[1:2].isdigit():
            return "an import path has no version: write the path alone"
    rest = text
    for _ in range(len(text)):
        before, found, after = rest.partition("[")
        for c in before.elems():
            if c in " \t\n\r!\"#$%&'(),:;<=>\\]^`{|}":
                return "an import path cannot have the character {}: write {}".format(repr(c), _EXAMPLE)
        if not found:
            break
        inside, closed, rest = after.partition("]")
        if not closed:
            return "\"[\" is not closed"
        if _class(inside) == None:
            return "invalid character class \"[{}]\": write \"[abc]\", \"[a-c]\", or \"[^a-c]\" for any other".format(inside)
    return None

def compile_pattern(text):
    """Reads a pattern.

    Args:
      text: string, an import path or a pattern of import paths, in which `pattern_error` finds nothing.

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
        prefix = text.partition("...")[0].partition("*")[0].partition("?")[0].partition("[")[0],
        alternatives = [] if exact or simple else [_tokens(text)] + ([_tokens(below)] if below != text else []),
    )

def pattern_matches(pattern, path):
    """Returns whether a compiled pattern matches an import path. The time depends on the lengths of both alone."""
    if pattern.path != None:
        return path == pattern.path or pattern.below != None and path.startswith(pattern.below)
    return path.startswith(pattern.prefix) and any([_run(tokens, path) for tokens in pattern.alternatives])

def any_matches(patterns, path):
    """Returns whether any of some compiled patterns matches an import path."""
    for pattern in patterns:
        if pattern_matches(pattern, path):
            return True
    return False

def may_be_std(path):
    """Returns whether a path or pattern may be of the standard library, whose paths alone have no dot in their first element.

    A pattern that begins with a wild card is for packages of repositories and modules: std packages are asked for by name, or below a name.
    """
    first = path.partition("/")[0]
    return "." not in first and "*" not in first and "?" not in first and "[" not in first

def _is_wild(text):
    return "..." in text or "*" in text or "?" in text or "[" in text

def _class(inside):
    """Reads what stands between brackets: whether it is about all other characters, and the characters; None if it is not a class."""
    negated = inside[:1] in ["^", "!"]
    if negated:
        inside = inside[1:]
    if "..." in inside:
        return None
    characters = {}
    last = len(inside) - 1
    skip = 0
    for i, c in enumerate(inside.elems()):
        if skip:
            skip -= 1
        elif c == "-":
            # A dash at an end means itself.
            if i not in [0, last]:
                return None
            characters[c] = None
        elif c not in _IN_CLASS:
            return None
        elif i + 1 < last and inside[i + 1] == "-":
            found = [r[r.find(c):r.find(inside[i + 2]) + 1] for r in _RANGES if c in r and inside[i + 2] in r]
            if not found or not found[0]:
                return None
            characters.update({one: None for one in found[0].elems()})
            skip = 2
        else:
            characters[c] = None
    return struct(negated = negated, characters = characters) if characters else None

def _tokens(text):
    """Splits a pattern into characters, wild cards and classes."""
    tokens = []
    for i, part in enumerate(text.split("...")):
        if i:
            tokens.append("...")
        for j, piece in enumerate(part.split("[")):
            if j:
                inside, _, piece = piece.partition("]")
                tokens.append(_class(inside))
            tokens.extend(piece.elems())
    return tokens

def _is(token, c):
    if type(token) == "struct":
        return c != "/" and (c in token.characters) != token.negated
    return token == c or token == "?" and c != "/"

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
                elif _is(token, c):
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
