//! Orchestrion's rule files, as they are, in `goweave go`: a program of aspects of every kind, the standard library included.

use std::fs;
use std::path::Path;

use crate::support::{Place, good, repository};

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

/// What the woven program says. Lines that it asks the runtime for are those of the original.
const WOVEN: &str = "\
trace: zone
trace: init
enabled true version v1.15.0
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

/// What it says without aspects: the control.
const PLAIN: &str = "\
enabled false version 
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
