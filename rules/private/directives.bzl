"""go_directives: the shipped instrumentation of directive comments, for the packages of a repository."""

load(":instrumentation.bzl", "go_instrumentation")

visibility(["//rules/..."])

def go_directives(name, *, packages, exclude = [], **kwargs):
    """Makes the directive comments of some packages mean something: a go_instrumentation for a set of one's own.

    `//weave:span` above a function makes a span of each of its calls, `//weave:log` logs their beginning and end; see
    `instrumentation/weave_directives/README.md`. `//dd:span`, `//dd:log` and `//otelc:span` are understood, too.

    Args:
      name: string, of the target.
      packages: list[string], import paths and patterns of them: `example.com/...`.
      exclude: list[string], what of these to leave out.
      **kwargs: what every rule takes: tags, visibility and the like.
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
