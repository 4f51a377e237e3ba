//! Programs without cgo whose hooks bring packages of the standard library that are built with it.
//!
//! Everything is compiled against those packages, so what the linker gets in their place has their export data and their symbols: the
//! same archives without C objects and without what they tell the linker of C. `runtime/cgo` is then an archive with export data alone,
//! and a call of C is one of a function that the main package has, which fails. No name is resolved by C, as the main package sees to.

use crate::messages;
use std::collections::BTreeSet;
use std::fmt;

/// The packages of the standard library that are built with cgo and that hooks may bring into a program.
pub const CGO_PACKAGES: [&str; 3] = ["net", "os/user", "runtime/cgo"];

/// The function of the runtime by which code compiled with cgo calls C, and which throws where a program has no cgo.
const CALL: &[u8] = b"runtime.cgocall";

/// The function that stands in its place. Names are replaced inside of objects, so both have as many bytes.
const INSTEAD: &[u8] = b"goweave.cgocall";

/// Reason why an archive cannot be linked without C.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoSuchArchive(&'static str);

impl fmt::Display for NoSuchArchive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for NoSuchArchive {}

/// Returns whether a program is linked with cgo, by its packages without those that hooks bring.
#[must_use]
pub fn has_cgo(used: &BTreeSet<String>) -> bool {
    CGO_PACKAGES.iter().chain(&["plugin"]).any(|p| used.contains(*p))
}

/// The archive of one of `CGO_PACKAGES` without C.
///
/// # Errors
///
/// If it is not as Go 1.24 to 1.27 make it.
pub fn without_cgo(package: &str, archive: &[u8]) -> Result<Vec<u8>, NoSuchArchive> {
    let mut rest = archive.strip_prefix(b"!<arch>\n").ok_or(NoSuchArchive(messages::not_an_archive()))?;
    let mut out = b"!<arch>\n".to_vec();
    let mut objects = 0;
    while !rest.is_empty() {
        let header = rest.get(..60).ok_or(NoSuchArchive(messages::member_without_header()))?;
        let size =
            std::str::from_utf8(header[48..58].trim_ascii_end()).ok().and_then(|s| s.parse::<usize>().ok());
        let size = size.ok_or(NoSuchArchive(messages::member_without_size()))?;
        let end = size.checked_add(60).ok_or(NoSuchArchive(messages::member_without_size()))?;
        let data = rest.get(60..end).ok_or(NoSuchArchive(messages::member_ends_early()))?;
        match header[..16].trim_ascii_end() {
            b"__.PKGDEF" => member(&mut out, header, data),
            b"_go_.o" if package != "runtime/cgo" => {
                member(&mut out, header, &object(data)?);
                objects += 1;
            }
            _ => {}
        }
        rest = rest.get(end + size % 2..).unwrap_or_default();
    }
    match (package, objects) {
        ("runtime/cgo", _) | (_, 1) => Ok(out),
        _ => Err(NoSuchArchive(messages::not_one_object())),
    }
}

fn member(out: &mut Vec<u8>, header: &[u8], data: &[u8]) {
    out.extend_from_slice(&header[..48]);
    out.extend_from_slice(format!("{:<10}", data.len()).as_bytes());
    out.extend_from_slice(&header[58..60]);
    out.extend_from_slice(data);
    if data.len() % 2 == 1 {
        out.push(b'\n');
    }
}

/// An object without what it tells the linker of C, and with another name for what calls C.
fn object(data: &[u8]) -> Result<Vec<u8>, NoSuchArchive> {
    let start = find(data, b"\n!\n").ok_or(NoSuchArchive(messages::object_without_header()))? + 3;
    let (header, object) = data.split_at(start);
    let mut out = header.to_vec();
    if let Some(at) = find(header, b"\n$$  // cgo\n") {
        let length = find(&header[at + 1..], b"\n$$\n").ok_or(NoSuchArchive(messages::open_directives()))?;
        out.drain(at..at + 1 + length + 3);
    }
    // Magic 8, fingerprint 8, flags 4, where the blocks begin, the names; the first block ends the names.
    let names = object.get(20..24).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
    let names = names.filter(|_| object.starts_with(b"\0go1")).and_then(|end| object.get(24..end as usize));
    let names = names.ok_or(NoSuchArchive(messages::other_object_format()))?;
    let at = find(names, CALL).ok_or(NoSuchArchive(messages::calls_no_c()))? + 24;
    if find(&object[at + CALL.len()..24 + names.len()], CALL).is_some() {
        return Err(NoSuchArchive(messages::calls_c_in_several_ways()));
    }
    out.extend_from_slice(&object[..at]);
    out.extend_from_slice(INSTEAD);
    out.extend_from_slice(&object[at + CALL.len()..]);
    Ok(out)
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|w| w == part)
}

/// The generated file of a main package that is linked with what `without_cgo` returns.
#[must_use]
pub fn main_without_cgo(file: &str, taken: &BTreeSet<String>) -> String {
    const CLAUSE: &str = "\npackage main\n";
    let name = |base: &str| {
        let mut name = base.to_owned();
        while taken.contains(&name) {
            name.push('_');
        }
        name
    };
    let (net, pointers, call) = (name("weavenet"), name("weavecgo"), name("weaveCall"));
    let imports = format!("{CLAUSE}\nimport (\n\t{net} \"net\"\n\t{pointers} \"unsafe\"\n)\n");
    let mut text = file.replacen(CLAUSE, &imports, 1);
    text.push_str(&format!(
        "
// The program has no cgo, and is linked with a package net that calls no C: names are resolved in Go.
var _ = func() bool {{
	{net}.DefaultResolver.PreferGo = true
	return true
}}()

// What would call C fails, with ENOSYS: so a user is not found.
//
//go:linkname {call} goweave.cgocall
func {call}({pointers}.Pointer, {pointers}.Pointer) int32 {{
	return 38
}}
"
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut out = b"!<arch>\n".to_vec();
        for (name, data) in members {
            let header = format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, 0, 644, 0);
            member(&mut out, header.as_bytes(), data);
        }
        out
    }

    /// An object with these names.
    fn go_object(directives: &str, names: &str) -> Vec<u8> {
        let mut out = format!("go object linux amd64\n\n$$\n{directives}\n$$\n\n!\n").into_bytes();
        out.extend_from_slice(b"\0go120ldfingerpr\0\0\0\0");
        let end = u32::try_from(24 + names.len()).expect("it is short");
        out.extend_from_slice(&end.to_le_bytes());
        out.extend_from_slice(names.as_bytes());
        out.extend_from_slice(b"runtime.cgocall in data");
        out
    }

    #[test]
    fn c_is_taken_out_and_nothing_else() {
        let directives = "\n$$  // cgo\n[[\"cgo_ldflag\",\"-g\"]]\n\n$$\n";
        let full = archive(&[
            ("__.PKGDEF", b"export".to_vec()),
            ("_go_.o", go_object(directives, "runtime.cgocall.net.x")),
            ("_x001.o", b"\x7fELF1".to_vec()),
        ]);
        let bare = archive(&[
            ("__.PKGDEF", b"export".to_vec()),
            ("_go_.o", go_object("\n", "goweave.cgocall.net.x")),
        ]);
        assert_eq!(without_cgo("net", &full).as_deref(), Ok(&bare[..]));
        assert_eq!(
            without_cgo("runtime/cgo", &full),
            Ok(archive(&[("__.PKGDEF", b"export".to_vec())])),
            "whatever it says of C is gone"
        );
    }

    #[test]
    fn what_is_not_known_is_refused() {
        let object = go_object("", "runtime.cgocall");
        let mut other = object.clone();
        let at = find(&other, b"\0go1").expect("it has a magic number");
        other[at + 3] = b'2';
        for (wrong, why) in [
            (b"ELF".to_vec(), "not an archive"),
            (archive(&[("__.PKGDEF", Vec::new())]), "it has not one object of the Go compiler"),
            (
                archive(&[("_go_.o", object.clone()), ("_go_.o", object.clone())]),
                "it has not one object of the Go compiler",
            ),
            (archive(&[("_go_.o", other)]), "its object has another format"),
            (archive(&[("_go_.o", go_object("", "net.x"))]), "its object calls no C"),
            (
                archive(&[("_go_.o", go_object("", "runtime.cgocall runtime.cgocall"))]),
                "its object calls C in more than one way",
            ),
            (archive(&[("_go_.o", b"go object".to_vec())]), "its object has no header"),
        ] {
            assert_eq!(without_cgo("net", &wrong).map_err(|e| e.to_string()), Err(why.into()));
        }
        let whole = archive(&[("_go_.o", object)]);
        for end in 0..whole.len() - 1 {
            let cut = without_cgo("net", &whole[..end]);
            assert!(cut.is_err(), "{end} bytes");
        }
    }
}
