//! The flags of the go command, by whether a value follows.

/// Flags of `go build` that take a value.
pub(super) const BUILD_VALUES: &[&str] = &[
    "p",
    "covermode",
    "coverpkg",
    "asmflags",
    "buildmode",
    "compiler",
    "gccgoflags",
    "gcflags",
    "installsuffix",
    "ldflags",
    "mod",
    "modfile",
    "overlay",
    "pgo",
    "pkgdir",
    "tags",
    "toolexec",
    "o",
    "debug-actiongraph",
    "debug-runtime-trace",
    "debug-trace",
];

/// Flags of `go build` that do not.
pub(super) const BUILD_SWITCHES: &[&str] = &[
    "a",
    "n",
    "v",
    "x",
    "i",
    "race",
    "msan",
    "asan",
    "cover",
    "work",
    "linkshared",
    "modcacherw",
    "trimpath",
    "json",
    "buildvcs",
];

/// Flags of the verbs that take a value.
pub(super) const RUN_VALUES: &[&str] = &["exec"];
pub(super) const LIST_VALUES: &[&str] = &["f", "reuse"];
pub(super) const LIST_SWITCHES: &[&str] =
    &["json", "compiled", "deps", "e", "export", "find", "m", "test", "u", "versions", "retracted"];
pub(super) const TEST_VALUES: &[&str] = &[
    "exec",
    "vet",
    "bench",
    "benchtime",
    "blockprofile",
    "blockprofilerate",
    "count",
    "coverprofile",
    "cpu",
    "cpuprofile",
    "fuzz",
    "fuzzminimizetime",
    "fuzztime",
    "list",
    "memprofile",
    "memprofilerate",
    "mutexprofile",
    "mutexprofilefraction",
    "outputdir",
    "parallel",
    "run",
    "shuffle",
    "skip",
    "timeout",
    "trace",
];
pub(super) const TEST_SWITCHES: &[&str] = &["c", "benchmem", "failfast", "fullpath", "short", "artifacts"];

/// Flags of a build that decide which packages and files are in it, and so go to `go list`, too.
pub(super) const LOADING: &[&str] = &[
    "asan",
    "compiler",
    "installsuffix",
    "linkshared",
    "mod",
    "modcacherw",
    "modfile",
    "msan",
    "overlay",
    "race",
    "tags",
];
