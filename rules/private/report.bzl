"""Output groups that show what was woven."""

load("@rules_go//go:def.bzl", "GoArchive")

visibility(["//rules/..."])

def _weave_impl(target, _ctx):
    if GoArchive not in target:
        return []
    archive = target[GoArchive]
    note = getattr(archive.source, "_weave", None)
    outputs = note.outputs if note else depset()
    return [OutputGroupInfo(
        weave_report = outputs,
        weave_sources = outputs,
    )]

weave = aspect(
    implementation = _weave_impl,
    doc = """Gives Go targets the output groups
`weave_sources` (woven files of the target and its dependencies) and `weave_report` (what matched, what did not and why, as JSON).""",
)
