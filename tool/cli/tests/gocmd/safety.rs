//! Builds may be killed at any moment and may run side by side.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use crate::support::{Place, Receiver, good, run};

#[test]
fn a_killed_build_leaves_the_users_files_alone() {
    let place = Place::of("own", "killed");
    let before = place.tree();
    let program = place.result("own");
    let mut killed = 0;
    for step in 0..8_u64 {
        // Each with a rule of its own, so that there is something to do.
        place.replace("hooks/weave.yaml", "double", "xdouble");
        let before = place.tree();
        let mut command = place.weave(&["build", "-o", &program, "."]);
        let mut child = command.process_group(0).stderr(Stdio::null()).spawn().expect("it starts");
        thread::sleep(Duration::from_millis(10 + step * step * 8));
        // The whole group: the go command and its tools, too.
        run(&mut place.command("kill", &["-KILL", "--", &format!("-{}", child.id())]));
        killed += usize::from(!child.wait().expect("it ends").success());
        assert_eq!(place.tree(), before, "killed after {} ms", 10 + step * step * 8);
    }
    assert!(killed > 1, "control: builds were killed before they ended");
    place.replace("hooks/weave.yaml", "xxxxxxxxdouble", "double");
    good(&mut place.weave(&["build", "-o", &program, "."]));
    assert_eq!(good(&mut place.command(&program, &[])), "double 2\ndoubled 4\nplus 1\n4 2\nwrite 4\na.b\n");
    let after = place.tree();
    let bytes = |tree: &std::collections::BTreeMap<_, (Vec<u8>, _)>| -> Vec<(std::path::PathBuf, Vec<u8>)> {
        tree.iter().map(|(p, (b, _)): (&std::path::PathBuf, _)| (p.clone(), b.clone())).collect()
    };
    assert_eq!(bytes(&after), bytes(&before));
    place.write("lib/lib.go", "package lib\n");
    assert_ne!(bytes(&place.tree()), bytes(&before), "control: a change is seen");
}

#[test]
fn builds_run_side_by_side() {
    let place = Place::of("shop", "together");
    let receiver = Receiver::start();
    // A build cache of this test alone would have to compile everything; what we keep in it is removed instead.
    let cache = place.result("cache");
    good(&mut place.go(&["build", "-o", &place.result("hello"), "./cmd/hello"]));
    let shared = good(&mut place.go(&["env", "GOCACHE"]));
    fs::create_dir(&cache).expect("a folder can be made");
    for entry in fs::read_dir(shared.trim()).expect("the cache is there").flatten() {
        if entry.file_name() != "goweave" {
            let link = fs::canonicalize(entry.path()).expect("it is there");
            std::os::unix::fs::symlink(link, std::path::Path::new(&cache).join(entry.file_name()))
                .expect("a link can be made");
        }
    }
    let mut children = Vec::new();
    for i in 0..4 {
        let program = place.result(&format!("shop{i}"));
        let mut command = place.weave(&["build", "-o", &program, "./cmd/shop"]);
        children.push((program, command.env("GOCACHE", &cache).spawn().expect("it starts")));
    }
    for (program, mut child) in children {
        assert!(child.wait().expect("it ends").success());
        let (_, trace) = receiver.traced(&mut place.command(&program, &[]));
        assert!(trace.contains("SELECT items"), "{trace}");
    }
    let partial = fs::read_dir(std::path::Path::new(&cache).join("goweave/partial")).expect("it is there");
    assert_eq!(partial.count(), 0, "nothing half-written is left");

    // Cleaners of caches remove single files by their age.
    let mut lost = 0;
    for folder in
        fs::read_dir(std::path::Path::new(&cache).join("goweave/modules")).expect("it is there").flatten()
    {
        let file = folder.path().join("go.mod");
        lost += u32::from(file.exists() && fs::remove_file(file).is_ok());
    }
    assert_ne!(lost, 0, "control: a file is lost");
    good(place.weave(&["build", "-o", &place.result("again"), "./cmd/shop"]).env("GOCACHE", &cache));
}
