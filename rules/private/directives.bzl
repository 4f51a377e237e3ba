"""go_directives: the shipped instrumentation of directive comments, for the packages of a repository."""

load(":instrumentation.bzl", "go_instrumentation")

visibility(["//rules/..."])

def go_directives(name, *, packages, exclude = [], **kwargs):
    """Enables directive comments in some packages: a go_instrumentation for a set of your own.

    `//weave:span` above a function makes a span for each call, `//weave:log` logs the beginning and end of each call; see
    `instrumentation/weave_directives/README.md`. `//dd:span`, `//dd:log` and `//otelc:span` work, too.

    Args:
      name: string, of the target.
      packages: list[string], import paths and patterns: `example.com/...`.
      exclude: list[string], import paths and patterns to leave out.
      **kwargs: attributes common to all rules, such as `tags` and `visibility`.
    """
    go_instrumentation(
        name = name,
        exclude = exclude,
        hooks = Label("//instrumentation/weave_directives:hooks"),
        include = packages,
        instrumentation_name = "weave/directives",
        rules = Label("//instrumentation/weave_directives:weave.yaml"),
        targets = ["..."],
        **kwargs
    )
