//! Orchestrion's rule files, as they are, in `goweave go`: a program of aspects of every kind, the standard library included.

use std::fs;
use std::path::Path;

use crate::support::{Place, Receiver, bad, good, repository};

/// Copy a folder of the test data to where the user works.
fn copy(place: &Place, from: &Path, below: &str) {
    for entry in fs::read_dir(from).expect("the folder can be listed") {
        let path = entry.expect("the folder can be listed").path();
        let name = format!("{below}{}", path.file_name().expect("it has a name").to_string_lossy());
        if path.is_dir() {
            copy(place, &path, &format!("{name}/"));
        } else {
            place.write(&name, &fs::read_to_string(&path).expect("the file can be read"));
        }
    }
}

/// Output of the woven program. Lines that it asks the runtime for are those of the original.
const WOVEN: &str = "\
trace: zone
trace: init
enabled true version v1.15.0 true
trace: start work color=dark blue other=
trace: start literal
trace: finish literal <nil>
trace: finish work <nil>
work: <nil>
trace: start work color=dark blue other=
trace: start literal
trace: finish literal <nil>
trace: finish work wrapped: failed
work: wrapped: failed
trace: start plain
trace: finish plain <nil>
get inner1
put with context 41
get with context true outer2
get package0 get ignored3 get kept4, get with context true woven5
NAME 40 NONE 20 74  30
log pointer method pointer get argument6
log value  value
log value method address
dial one [woven]
dial two [given woven]
dial three [given woven]
1 title
trace: in a function literal
[true] noon[false] shown
slot main <nil>
trace: getenv PROGRAM_NAME
environment 
trace: end
";

/// Output without aspects: the control.
const PLAIN: &str = "\
enabled false version  false
work: <nil>
work: failed
get inner1
put 41
get outer2
get package0 get ignored3 get kept4, get woven5
name 4  2 74  3
log client  pointer get argument6
log value  value
log value  address
dial one []
dial two [given]
dial three [given]
1 TITLE
noonshown
slot none none
environment 
";

#[test]
fn aspects_of_every_kind_are_woven() {
    let place = Place::empty("orchestrion");
    copy(&place, &repository().join("testdata/orchestrion/program"), "");
    let before = place.tree();
    assert_eq!(good(&mut place.go(&["run", "."])), PLAIN);
    assert_eq!(good(&mut place.weave(&["run", "."])), WOVEN);
    assert_eq!(place.tree(), before, "nothing of the user's was written");

    // The same by a list of packages that have rules.
    let rules = fs::read_to_string(place.user.join("orchestrion.yml")).expect("the rules are there");
    place.write("aspects/orchestrion.yml", &rules.replace("./clock", "../clock"));
    place.write("aspects/aspects.go", "package aspects\n");
    fs::remove_file(place.user.join("orchestrion.yml")).expect("the rules can be removed");
    let tool = "//go:build tools\n\npackage tools\n\nimport _ \"example.com/program/aspects\"\n";
    place.write("orchestrion.tool.go", tool);
    assert_eq!(good(&mut place.weave(&["run", "."])), WOVEN);
}

/// A package of an older language.
const OLD: &str = "package main

import \"fmt\"

func work() { fmt.Println(\"work\") }

func main() { work() }
";

const LANGUAGE: &str = "aspects:
  - id: newer
    join-point: { function-body: { function: [{ name: work }, { signature: {} }] } }
    advice:
      - prepend-statements:
          lang: go1.22
          template: for i := range 2 { println(i) }
";

#[test]
fn the_language_is_raised_to_that_of_a_template() {
    let place = Place::empty("orchestrion-lang");
    place.write("go.mod", "module example.com/old\n\ngo 1.20\n");
    place.write("main.go", OLD);
    place.write("orchestrion.yml", LANGUAGE);
    assert_eq!(good(&mut place.weave(&["run", "."])), "work\n0\n1\n");
    // Control: a template that says nothing of the language is compiled in that of the package.
    place.write("orchestrion.yml", &LANGUAGE.replace("          lang: go1.22\n", ""));
    let out = place.weave(&["run", "."]).output().expect("the command runs");
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(!out.status.success() && said.contains("requires go1.22"), "{said}");
}

#[test]
fn the_order_of_advice_holds_among_files() {
    let place = Place::empty("orchestrion-order");
    place.write("go.mod", "module example.com/order\n\ngo 1.24\n");
    let main = "package main\n\nimport \"fmt\"\n\nfunc f() string { return \"f\" }\n\nfunc main() { fmt.Println(f()) }\n";
    place.write("main.go", main);
    let wrap = |text: &str| {
        format!(
            "aspects:\n  - join-point: {{ all-of: [{{ package-name: main }}, {{ function-call: f }}] }}\n    advice:\n      \
             - wrap-expression: {{ template: '\"{text}(\" + {{{{ . }}}} + \")\"' }}\n"
        )
    };
    place.write("orchestrion.yml", &wrap("own"));
    for name in ["a", "b"] {
        place.write(&format!("{name}/orchestrion.yml"), &wrap(name));
        place.write(&format!("{name}/{name}.go"), &format!("package {name}\n"));
    }
    // Orchestrion's own package has its aspects, and need not be there.
    let tool = "//go:build tools\n\npackage tools\n\nimport (\n\t_ \"example.com/order/a\"\n\t_ \"example.com/order/b\"\n\t_ \"github.com/DataDog/orchestrion\"\n)\n";
    place.write("orchestrion.tool.go", tool);
    // What is imported comes first, and what comes later stands outside.
    assert_eq!(good(&mut place.weave(&["run", "."])), "own(b(a(f)))\n");
}

/// Programs and aspects, with what Orchestrion itself makes of them: `e2e/gocmd/orchestrion`.
#[test]
fn programs_print_what_they_do_when_orchestrion_has_woven_them() {
    let folder = repository().join("e2e/gocmd/orchestrion");
    let mut archives: Vec<String> = fs::read_dir(folder)
        .expect("the folder can be listed")
        .map(|e| e.expect("the folder can be listed").file_name().to_string_lossy().replace(".txtar", ""))
        .collect();
    archives.sort();
    assert!(archives.len() > 5, "{archives:?}");
    let mut wrong = Vec::new();
    for name in archives {
        let place = Place::of(&format!("orchestrion/{name}"), &format!("orchestrion-archive-{name}"));
        let want = fs::read_to_string(place.user.join("want")).expect("the archive has it");
        let woven = place.weave(&["run", "."]).output().expect("the command runs");
        let printed = String::from_utf8_lossy(&woven.stdout);
        if printed != want {
            wrong.push(format!("{name}: {printed}{}", String::from_utf8_lossy(&woven.stderr)));
        }
        // Control: it is the aspects that make it.
        fs::remove_file(place.user.join("orchestrion.yml")).expect("the rules can be removed");
        let plain = place.go(&["run", "."]).output().expect("the command runs");
        assert!(plain.status.success() && String::from_utf8_lossy(&plain.stdout) != want, "{name}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// An aspect of the user's and what is shipped are for the same comment: one of them is on, and which one can be chosen.
#[test]
fn what_is_shipped_gives_way_to_the_users_aspects() {
    let place = Place::empty("peers");
    place.write("go.mod", "module example.com/peers\n\ngo 1.24\n");
    place.write(
        "main.go",
        "package main\n\nimport \"context\"\n\n//dd:span\nfunc work(context.Context) error { return nil }\n\n\
         //weave:span\nfunc other(context.Context) error { return nil }\n\n\
         func main() {\n\t_ = work(context.Background())\n\t_ = other(context.Background())\n}\n",
    );
    place.write(
        "orchestrion.yml",
        "meta: { name: mine, description: mine }\naspects:\n  - id: span\n    \
         join-point: { function-body: { directive: 'dd:span' } }\n    \
         advice: [{ prepend-statements: { template: 'println(\"theirs\")' } }]\n",
    );
    let program = place.result("program");
    let receiver = Receiver::start();
    let note = "goweave: the shipped rule for //dd:span is off: your rules mine have one, too; GOWEAVE_EXCEPT=mine uses the shipped one instead\n";
    // Twice, since what is to be known is remembered.
    for _ in 0..2 {
        assert!(good(&mut place.weave(&["build", "-o", &program, "."])).contains(note));
    }
    let (wrote, trace) = receiver.traced(&mut place.command(&program, &[]));
    assert_eq!((wrote.as_str(), trace.as_str()), ("theirs\n", "other (internal)\n"));
    let wrote = good(place.weave(&["build", "-o", &program, "."]).env("GOWEAVE_EXCEPT", "mine"));
    assert!(!wrote.contains("dd:span"), "{wrote}");
    let (wrote, trace) = receiver.traced(&mut place.command(&program, &[]));
    assert_eq!((wrote.as_str(), trace.as_str()), ("", "other (internal)\nwork (internal)\n"));
    let (_, wrong) = bad(place.weave(&["build", "-o", &program, "."]).env("GOWEAVE_ONLY", "weave/directive"));
    assert!(wrong.contains("did you mean `weave/directives`"), "{wrong}");
}
