"""The platforms that the weaver is downloaded for."""

load("@goweave_platforms//:platforms.bzl", _PREBUILT = "PREBUILT")

visibility(["//rules/..."])

# Of PLATFORMS in prebuilt.bzl; empty if the weaver is built from source.
PREBUILT = _PREBUILT
