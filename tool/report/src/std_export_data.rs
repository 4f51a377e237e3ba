//! Woven packages of the standard library whose export data are not those of the plain ones.

use weave_ir::Diagnostic;

use crate::{ExportData, Summary, messages};

impl Summary {
    /// Findings about a package of the standard library whose export data changed, of which this has the report and where the rules
    /// stand that were woven: one for each rule that may be why.
    #[must_use]
    pub fn std_export_data_changed(&self, package: &str) -> Vec<Diagnostic> {
        let reports = || self.packages.iter().map(|p| &p.report).filter(|r| r.package == package);
        let mut findings: Vec<Diagnostic> = reports()
            .flat_map(|report| &report.rules)
            .filter(|rule| matches!(rule.export_data, Some(ExportData::Changes | ExportData::MayChange)))
            .map(|rule| messages::std_export_data(package, Some(rule)))
            .collect();
        if findings.is_empty() {
            findings.push(messages::std_export_data(package, None));
        }
        let why: Vec<&String> =
            reports().flat_map(|r| r.export_data_changes.iter().chain(&r.export_data_may_change)).collect();
        let finish = |d: Diagnostic| why.iter().fold(d, |d, text| d.note(None, (*text).clone()));
        findings.into_iter().map(finish).collect()
    }
}
