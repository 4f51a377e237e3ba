//! The packages that a compiled package refers to, read from its export data.
//!
//! The format is Go's unified export data ("pkgbits"): a header, the ends of ten sections counted in elements, the ends
//! of all elements counted in bytes, the elements. Section 0 has strings, section 3 packages; a package element starts
//! with its path. Versions 0 to 5 are known (Go 1.20 to 1.27): what came with 3 to 5 is inside elements that are not read here.

use crate::messages;
use std::fmt;

/// Reason why a file is not export data that this version can read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportError {
    /// Not an archive of the Go compiler with export data in it.
    NotExportData(&'static str),
    /// A version of the format that came after this program.
    Version(u32),
    /// The data ends early or contradicts itself.
    Broken,
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotExportData(why) => f.write_str(&messages::no_export_data(why)),
            Self::Version(v) => f.write_str(&messages::other_export_data(v, NEWEST)),
            Self::Broken => f.write_str(messages::broken_export_data()),
        }
    }
}

impl std::error::Error for ExportError {}

const NEWEST: u32 = 5;
const SECTIONS: usize = 10;
const STRINGS: usize = 0;
const PACKAGES: usize = 3;

/// Import paths of the packages that this package's export data refers to, in the order of the file; its direct imports
/// are among them. The package itself and the pseudo packages `builtin` and `unsafe` are left out.
///
/// # Errors
///
/// If `archive` is not export data of a known version.
pub fn referenced_packages(archive: &[u8]) -> Result<Vec<String>, ExportError> {
    let data = find(archive)?;
    let bits = PackageBits::new(data)?;
    let mut paths = Vec::new();
    for i in 0..bits.count(PACKAGES) {
        let path = bits.leading_string(PACKAGES, i)?;
        if !matches!(path, "" | "builtin" | "unsafe") {
            paths.push(path.to_owned());
        }
    }
    Ok(paths)
}

/// Returns what the linker compares where two packages must have been compiled against the same: the digest that ends export data.
///
/// # Errors
///
/// If `archive` is not export data of a known version.
pub fn export_fingerprint(archive: &[u8]) -> Result<[u8; 8], ExportError> {
    let bits = PackageBits::new(find(archive)?)?;
    let end = bits.element_ends.last().map_or(0, |&end| end as usize);
    let digest = bits.data.get(end..end.saturating_add(8)).ok_or(ExportError::Broken)?;
    digest.try_into().map_err(|_| ExportError::Broken)
}

/// The unified export data inside an archive.
fn find(archive: &[u8]) -> Result<&[u8], ExportError> {
    use ExportError::NotExportData as No;
    let rest = archive.strip_prefix(b"!<arch>\n").ok_or(No(messages::not_an_archive()))?;
    // An archive member's header has 60 bytes: name 16, time 12, owner 6, group 6, mode 8, size 10, "`\n".
    let header = rest.get(..60).ok_or(No(messages::empty_archive()))?;
    if header[..16].trim_ascii_end() != b"__.PKGDEF" {
        return Err(No(messages::other_first_member()));
    }
    let size =
        std::str::from_utf8(header[48..58].trim_ascii_end()).ok().and_then(|s| s.parse::<usize>().ok());
    let member = size.and_then(|n| rest.get(60..60usize.checked_add(n)?)).ok_or(ExportError::Broken)?;
    let marker = b"\n$$B\n";
    let start =
        member.windows(marker.len()).position(|w| w == marker).ok_or(No(messages::no_binary_section()))?;
    match member[start + marker.len()..].split_first() {
        Some((b'u', data)) => Ok(data),
        _ => Err(No(messages::not_unified())),
    }
}

struct PackageBits<'a> {
    /// Index of the element after the last one, per section.
    section_ends: [u32; SECTIONS],
    /// Offset of the byte after the last one, per element.
    element_ends: Vec<u32>,
    data: &'a [u8],
}

impl<'a> PackageBits<'a> {
    fn new(data: &'a [u8]) -> Result<Self, ExportError> {
        let mut words = Words { data, at: 0 };
        let version = words.next()?;
        if version > NEWEST {
            return Err(ExportError::Version(version));
        }
        if version >= 1 && words.next()? & 1 != 0 {
            return Err(ExportError::NotExportData(messages::debugging_marks()));
        }
        let mut section_ends = [0; SECTIONS];
        for end in &mut section_ends {
            *end = words.next()?;
        }
        // Bounded by the data, so that a broken count cannot ask for much memory.
        let count = section_ends[SECTIONS - 1] as usize;
        if count > data.len() / 4 {
            return Err(ExportError::Broken);
        }
        let element_ends = (0..count).map(|_| words.next()).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { section_ends, element_ends, data: &data[words.at..] })
    }

    fn count(&self, section: usize) -> u32 {
        let start = if section == 0 { 0 } else { self.section_ends[section - 1] };
        self.section_ends[section].saturating_sub(start)
    }

    fn element(&self, section: usize, index: u32) -> Result<&'a [u8], ExportError> {
        if index >= self.count(section) {
            return Err(ExportError::Broken);
        }
        let base = if section == 0 { 0 } else { self.section_ends[section - 1] };
        let at = (base + index) as usize;
        let end = *self.element_ends.get(at).ok_or(ExportError::Broken)? as usize;
        let start = if at == 0 { 0 } else { self.element_ends[at - 1] as usize };
        self.data.get(start..end).ok_or(ExportError::Broken)
    }

    /// The string that an element begins with.
    fn leading_string(&self, section: usize, index: u32) -> Result<&'a str, ExportError> {
        let mut element = self.element(section, index)?;
        let references = uvarint(&mut element)?;
        let mut strings = Vec::new();
        for _ in 0..references {
            let kind = uvarint(&mut element)?;
            let index = uvarint(&mut element)?;
            strings.push((kind, index));
        }
        let reference = usize::try_from(uvarint(&mut element)?).map_err(|_| ExportError::Broken)?;
        match strings.get(reference) {
            Some(&(kind, index)) if kind == STRINGS as u64 => {
                let index = u32::try_from(index).map_err(|_| ExportError::Broken)?;
                std::str::from_utf8(self.element(STRINGS, index)?).map_err(|_| ExportError::Broken)
            }
            _ => Err(ExportError::Broken),
        }
    }
}

struct Words<'a> {
    data: &'a [u8],
    at: usize,
}

impl Words<'_> {
    fn next(&mut self) -> Result<u32, ExportError> {
        let bytes = self.data.get(self.at..self.at + 4).ok_or(ExportError::Broken)?;
        self.at += 4;
        Ok(u32::from_le_bytes(bytes.try_into().map_err(|_| ExportError::Broken)?))
    }
}

fn uvarint(data: &mut &[u8]) -> Result<u64, ExportError> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = data.split_first().ok_or(ExportError::Broken)?;
        *data = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(ExportError::Broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A member `__.PKGDEF` with this data after the `u`.
    fn archive(data: &[u8]) -> Vec<u8> {
        let mut body = b"go object linux amd64 go1.26.8 X:none\nbuild id \"x\"\n\n$$B\nu".to_vec();
        body.extend_from_slice(data);
        body.extend_from_slice(b"\n$$\n");
        let mut out = b"!<arch>\n".to_vec();
        out.extend_from_slice(
            format!("{:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", "__.PKGDEF", 0, 0, 0, 644, body.len()).as_bytes(),
        );
        out.extend_from_slice(&body);
        out
    }

    /// Two strings, "" and "io"; two packages that begin with them.
    fn bits(version: u32) -> Vec<u8> {
        let mut words = vec![version];
        if version >= 1 {
            words.push(0);
        }
        words.extend([2, 2, 2, 4, 4, 4, 4, 4, 4, 4]);
        words.extend([0, 2, 6, 10]);
        let mut out: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
        out.extend_from_slice(b"io");
        out.extend_from_slice(&[1, 0, 0, 0]);
        out.extend_from_slice(&[1, 0, 1, 0]);
        out.extend_from_slice(&[0; 8]);
        out
    }

    #[test]
    fn the_fingerprint_is_behind_the_last_element() {
        for version in 0..=NEWEST {
            let mut data = bits(version);
            let digest = data.len() - 8;
            data[digest..].copy_from_slice(b"12345678");
            assert_eq!(export_fingerprint(&archive(&data)), Ok(*b"12345678"));
            data.truncate(digest);
            assert_eq!(export_fingerprint(&archive(&data)[..]), Err(ExportError::Broken));
        }
    }

    #[test]
    fn packages_are_read_from_all_known_versions() {
        for version in 0..=NEWEST {
            assert_eq!(
                referenced_packages(&archive(&bits(version))),
                Ok(vec!["io".to_owned()]),
                "version {version}"
            );
        }
    }

    #[test]
    fn what_is_not_known_is_refused() {
        assert_eq!(
            referenced_packages(b"!<arch>\n"),
            Err(ExportError::NotExportData("the archive is empty"))
        );
        assert_eq!(referenced_packages(&archive(&bits(NEWEST + 1))), Err(ExportError::Version(NEWEST + 1)));
        let good = bits(2);
        for len in 0..good.len() - 9 {
            assert!(referenced_packages(&archive(&good[..len])).is_err(), "cut at {len}");
        }
    }
}
