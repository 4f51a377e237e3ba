"""Every message of the rules, and the form that they have."""

load("@bazel_skylib//lib:unittest.bzl", "asserts", "unittest")
load("//rules/private:messages.bzl", "messages")

_ALL = {
    "another_first": [],
    "another_first_for": ["//a"],
    "cargo_failed": ["error: no"],
    "contradictory_choice": ["net/http"],
    "contradictory_target": ["net/http", "exclude"],
    "depends_on_it": ["a.example/x", "//a"],
    "import_cycle": ["//a", "a.example/x", "own", ["a.example/y"], ""],
    "invalid_pattern": ["targets", "a[", "it is open"],
    "names_and_go_mod": [],
    "new_version": ["Go 1.24", "1.30", "take an older one"],
    "no_bzlmod": [],
    "no_packages": [],
    "no_program": ["//a", "//b"],
    "no_released_weaver": ["linux_riscv64"],
    "no_rust": ["1.88"],
    "no_weaver": ["//a"],
    "not_registered": ["//a"],
    "not_root": ["own"],
    "old_rust": ["1.88", "1.80"],
    "old_version": ["Go", "1.24", "1.20", "take a newer one"],
    "other_system": [],
    "package_in_importing": ["net/http"],
    "rewriter_name": ["a=b"],
    "rustc_failed": ["rustc", "no"],
    "same_name": ["//a", "own"],
    "several_tags": [2],
    "shipped_is_off": ["net/http", "own", "net/http"],
    "unknown_instrumentation": ["names", "net/htp", ["net/http"], []],
    "unknown_typed": ["net/http"],
    "unknown_version": ["Go 1.24", "Go", "", "take a newer one"],
    "warning": ["it is late"],
}

# Of more than one sentence, or ends as another program's text or another message does.
_OTHER_END = ["depends_on_it", "import_cycle", "unknown_instrumentation"]

def _messages_impl(ctx):
    env = unittest.begin(ctx)

    # Every struct has these two functions.
    there = [name for name in dir(messages) if name not in ["to_json", "to_proto"]]
    asserts.equals(env, sorted(there), sorted(_ALL.keys()))
    for name, values in _ALL.items():
        text = getattr(messages, name)(*values)
        asserts.true(env, name in _OTHER_END or not text.endswith("."), text)
        asserts.false(env, "{" in text or "None" in text, text)
        for value in values:
            for one in value if type(value) == "list" else [value]:
                asserts.true(env, str(one) in text, "{}: {} is not in it: {}".format(name, one, text))
    return unittest.end(env)

messages_test = unittest.make(_messages_impl)
