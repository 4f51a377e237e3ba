"""The weavers of this release: none, as this is a checkout. `./dev release` writes this file anew into the source archive of a release."""

visibility(["//rules/..."])

# Of the release; "" for a checkout.
VERSION = ""

# Where the files of the release are, with {version} and {file}.
URL = ""

# SHA-256 of the weaver of each platform.
BINARIES = {}
