"""An older Go SDK, as the Go module that it is published as."""

_VERSION = "1.25.0"

def _older_go_impl(ctx):
    go = ctx.which("go")
    if not go:
        fail("there is no go on PATH to ask for Go " + _VERSION)
    found = ctx.execute([go, "env", "GOROOT"], environment = {"GOTOOLCHAIN": "go" + _VERSION})
    if found.return_code:
        fail(found.stderr)
    for file in ctx.path(found.stdout.strip()).readdir():
        ctx.symlink(file, file.basename)
    ctx.file("BUILD.bazel", 'exports_files(["go.env"])\n')

_older_go = repository_rule(implementation = _older_go_impl)

older = module_extension(implementation = lambda _: _older_go(name = "older_go"))
