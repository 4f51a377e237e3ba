"""A toolchain around another one, with flags of its own for the compiler."""

def _fields(value):
    return {name: getattr(value, name) for name in dir(value) if name not in ("to_json", "to_proto")}

def _wrapped_impl(ctx):
    base = ctx.attr.base[platform_common.ToolchainInfo]
    flags = struct(**(_fields(base.flags) | {"compile": list(base.flags.compile) + ["-l"]}))
    return [platform_common.ToolchainInfo(**(_fields(base) | {"flags": flags}))]

wrapped = rule(
    implementation = _wrapped_impl,
    attrs = {"base": attr.label(mandatory = True)},
)
