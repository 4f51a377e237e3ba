"""The GoWeaveReport action: what was woven into a program, as JSON and as a page; and GoWeaveRequired, which checks it."""

load(":check.bzl", "GOWEAVE_TOOLCHAIN", "goweave_of")

visibility(["//rules/..."])

def declare_program_report(ctx, label, note):
    """Declares the GoWeaveReport action for one program or test.

    Args:
      ctx: of the aspect.
      label: Label, of the program.
      note: what the toolchain notes on its main package.

    Returns:
      struct with Files: json, and html, the page.
    """
    json = ctx.actions.declare_file(label.name + ".weave_report.json")
    html = ctx.actions.declare_file(label.name + ".weave_report.html")
    args = ctx.actions.args()
    args.add("--label", str(label) if label.repo_name else "//{}:{}".format(label.package, label.name))
    if not note.main:
        args.add("--without-hooks", "a test, and --@rules_go_weave//:tests is off")
    std_reports = note.main.std_reports if note.main else depset()
    args.add_all(std_reports, before_each = "--std")
    args.add_all(note.reports)
    _run(ctx, args, depset(transitive = [note.reports, std_reports]), json, html)
    return struct(json = json, html = html)

def declare_report(ctx, reports):
    """Declares the GoWeaveReport action for several programs.

    Args:
      ctx: of the rule.
      reports: list[File], the JSON of each.

    Returns:
      struct with Files: json, and html, the page.
    """
    json = ctx.actions.declare_file(ctx.label.name + ".json")
    html = ctx.actions.declare_file(ctx.label.name + ".html")
    args = ctx.actions.args()
    args.add_all(reports)
    _run(ctx, args, reports, json, html)
    return struct(json = json, html = html)

def declare_required(ctx, json):
    """Declares the GoWeaveRequired action, which fails if a required instrumentation is not woven into any program of a report.

    Its messages name files by the paths that they have, so they are not mapped.

    Args:
      ctx: of the rule.
      json: File, the report.

    Returns:
      File, empty.
    """
    stamp = ctx.actions.declare_file(ctx.label.name + ".required")
    args = ctx.actions.args()
    args.add_all(ctx.attr.required, before_each = "--require")
    args.add("--stamp", stamp)
    args.add(json)
    ctx.actions.run(
        executable = goweave_of(ctx),
        arguments = ["report", args],
        inputs = [json],
        outputs = [stamp],
        mnemonic = "GoWeaveRequired",
        progress_message = "Looking for required instrumentations in %{label}",
        toolchain = GOWEAVE_TOOLCHAIN,
    )
    return stamp

def _run(ctx, args, inputs, json, html):
    """Declares one GoWeaveReport action."""
    args.use_param_file("@%s", use_always = False)
    args.set_param_file_format("multiline")
    args.add("--json", json)
    args.add("--html", html)
    ctx.actions.run(
        executable = goweave_of(ctx),
        arguments = ["report", args],
        inputs = inputs,
        outputs = [json, html],
        mnemonic = "GoWeaveReport",
        progress_message = "Reporting what was woven into %{label}",
        execution_requirements = {"supports-path-mapping": "1"},
        toolchain = GOWEAVE_TOOLCHAIN,
    )
