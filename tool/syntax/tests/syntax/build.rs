//! Which files a build has.
use crate::support::{Oracle, Request, Status, go_env, go_files};
use std::path::PathBuf;
use weave_syntax::build::{Constraint, Target, file_constraint, includes, includes_name};

/// GOOS, GOARCH and tags.
const TARGETS: &[(&str, &str, &str)] = &[
    ("linux", "amd64", "cgo"),
    ("windows", "arm64", "purego"),
    ("darwin", "arm64", "cgo,race"),
    ("android", "arm", "cgo"),
    ("illumos", "amd64", "x"),
    ("ios", "arm64", "boringcrypto"),
    ("js", "wasm", "goexperiment.boringcrypto"),
    ("plan9", "386", "netgo,osusergo"),
];

#[test]
fn files_of_the_standard_library_are_built_where_go_build_builds_them() {
    let goroot = PathBuf::from(go_env(None, "GOROOT")).join("src");
    let minor = go_env(None, "GOVERSION");
    let minor = minor.trim_start_matches("go1.").split(['.', 'r', ' ']).next().and_then(|n| n.parse().ok());
    let files: Vec<PathBuf> =
        ["go/build", "internal", "net", "os", "runtime", "syscall", "cmd/go/internal/imports"]
            .iter()
            .flat_map(|folder| go_files(&goroot.join(folder)))
            .collect();
    let mut oracle = Oracle::start(None, "match");
    for file in &files {
        for &(goos, goarch, tags) in TARGETS {
            oracle.ask(Request::Match(goos, goarch, tags, file.clone()));
        }
    }
    let (mut built, mut left_out) = (0, 0);
    let mut differences = Vec::new();
    for file in &files {
        let src = std::fs::read(file).expect("a file just listed");
        let name = file.file_name().and_then(|name| name.to_str()).expect("a file just listed");
        for &(goos, goarch, tags) in TARGETS {
            let tags: Vec<&str> = tags.split(',').collect();
            let target = Target {
                goos,
                goarch,
                cgo: tags.contains(&"cgo"),
                go_minor: minor.expect("go1.N"),
                tags: &tags,
            };
            let ours = includes(&target, name, &src).unwrap_or(false);
            let theirs = oracle.answer().status == Status::Ok;
            *if theirs { &mut built } else { &mut left_out } += 1;
            if ours != theirs {
                differences.push(format!("{} for {goos}/{goarch}: {ours}, not {theirs}", file.display()));
            }
        }
    }
    differences.truncate(20);
    assert!(differences.is_empty(), "{differences:#?}");
    assert!(built > 1000 && left_out > 1000, "{built} built, {left_out} left out");
}

#[test]
fn expressions() {
    // What is parsed, printed with only the parentheses it needs, and the value where a and c hold.
    let cases = [
        ("a", "a", true),
        ("!a", "!a", false),
        ("a && b", "a && b", false),
        ("a || b", "a || b", true),
        ("b || a && c", "b || a && c", true),
        ("(b || a) && c", "(b || a) && c", true),
        ("!(a && b)", "!(a && b)", true),
        ("((a))", "a", true),
        ("a&&!b||c", "a && !b || c", true),
        ("a && (b && c)", "a && b && c", false),
        ("go1.21 || x.y_z", "go1.21 || x.y_z", false),
    ];
    for (text, printed, value) in cases {
        let expr = Constraint::parse(text).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        assert_eq!(expr.to_string(), printed, "{text}");
        assert_eq!(expr.eval(|tag| matches!(tag, "a" | "c")), value, "{text}");
        assert_eq!(Constraint::parse(printed).map(|e| e.to_string()), Ok(printed.to_owned()));
    }
    for (text, offset) in [
        ("", 0),
        ("a b", 2),
        ("(a", 0),
        ("a &&", 4),
        ("!!a", 1),
        ("a & b", 2),
        ("a)", 1),
        ("&& a", 0),
        ("#", 0),
    ] {
        let error = Constraint::parse(text).expect_err(text);
        assert_eq!(error.offset, offset, "{text}: {error:?}");
    }
    // Neither depth nor length overflow anything.
    assert!(Constraint::parse(&format!("{}a{}", "(".repeat(900), ")".repeat(900))).is_ok());
    for text in [format!("{}a", "(".repeat(100_000)), format!("a{}", " && a".repeat(100_000))] {
        assert!(Constraint::parse(&text).is_err());
    }
    let legacy =
        [("a,b c", "a && b || c"), ("!a", "!a"), ("a,!b", "a && !b"), ("!!a", "ignore"), ("", "ignore")];
    for (text, printed) in legacy {
        assert_eq!(
            Constraint::parse_plus_build(text).map(|e| e.to_string()),
            Ok(printed.to_owned()),
            "{text}"
        );
    }
}

#[test]
fn constraints_in_file_headers() {
    let holds = |src: &str| file_constraint(src.as_bytes()).map(|c| c.eval(|tag| tag == "yes"));
    let cases = [
        ("//go:build yes\n\npackage p", true),
        ("//go:build no\n\npackage p", false),
        ("//go:build no\npackage p", false),
        ("// c\n\n/* d\n//go:build no\n*/\n//go:build yes\npackage p", true),
        ("package p\n//go:build no\n", true),
        ("// +build no\n\npackage p", false),
        ("// +build no\npackage p", true),
        ("// +build yes\n// +build no\n\npackage p", false),
        ("// +build no yes\n\npackage p", true),
        ("//go:build yes\n// +build no\n\npackage p", true),
        ("\u{feff}//go:build no\n\npackage p", false),
        ("//go:build no\r\n\r\npackage p\r\n", false),
        ("//go:buildno\n\npackage p", true),
        ("// go:build no\n\npackage p", true),
        ("package p", true),
        ("", true),
    ];
    for (src, want) in cases {
        assert_eq!(holds(src), Ok(want), "{src}");
    }
    assert_eq!(holds("//go:build a\n//go:build b\npackage p").expect_err("two lines").offset, 13);
    assert_eq!(holds("//go:build yes &&\npackage p").expect_err("no term").offset, 17);
    for (name, want) in [
        ("x.go", true),
        ("linux.go", true),
        ("windows.go", true),
        ("x_linux.go", true),
        ("x_windows.go", false),
        ("x_amd64.go", true),
        ("x_linux_amd64.go", true),
        ("x_linux_arm64.go", false),
        ("x_windows_test.go", false),
        ("x_test.go", true),
        ("x_linux_y.go", true),
        ("x_unix.go", true),
        ("_x.go", false),
        (".x.go", false),
        ("folder/x_windows.go", false),
        ("x_windows.y.go", false),
    ] {
        assert_eq!(includes_name(name, |tag| matches!(tag, "linux" | "amd64")), want, "{name}");
    }
}
