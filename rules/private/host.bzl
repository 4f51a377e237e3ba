"""The platform of the machine that runs Bazel."""

load("@platforms//host:constraints.bzl", _HOST_CONSTRAINTS = "HOST_CONSTRAINTS")

visibility(["//rules/..."])

HOST_CONSTRAINTS = _HOST_CONSTRAINTS
