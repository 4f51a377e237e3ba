//! Whether a rule is for a package as it is built: the Go release, the version of the module, what is known of types.

use weave_ir::{GoVersion, LoweredRule, ModuleVersion, VersionRange};

use crate::lower::questions;
use crate::package::Package;
use crate::refusal::{Miss, Reason, Refused};

impl Package<'_, '_> {
    /// Returns whether the rule is for this Go release and this version of the module.
    pub(super) fn applicable(&self, rule: &LoweredRule) -> Result<(), Miss> {
        let broken = |what: &str| {
            Miss::mismatch(Refused::new(Reason::BadVersion, None, format!("cannot read {what}")))
        };
        if let Some(range) = &rule.go {
            let range_parsed =
                VersionRange::<GoVersion>::parse(range).map_err(|_| broken(&format!("`{range}`")))?;
            let go = self.input.target.go();
            if !range_parsed.contains(&go) {
                return Err(Miss::NotApplicable(format!("the rule is for Go {range}, and this is Go {go}")));
            }
        }
        if let Some(language) = &rule.language_version {
            let needs = GoVersion::parse(language).ok_or_else(|| broken(&format!("`{language}`")))?;
            if self.input.target.go() < needs {
                let go = self.input.target.go();
                let message = format!("its code needs Go {language}, and this is Go {go}");
                return Err(Miss::mismatch(Refused::new(Reason::LanguageVersion, None, message)));
            }
        }
        if let Some(range) = &rule.version {
            let range_parsed =
                VersionRange::<ModuleVersion>::parse(range).map_err(|_| broken(&format!("`{range}`")))?;
            let Some(version) = self.input.version else {
                return Err(Miss::not_found(
                    Refused::new(
                        Reason::NoVersion,
                        None,
                        format!(
                            "the rule is for version {range}, and the version of {} is not known",
                            self.input.package
                        ),
                    )
                    .help(
                        "give it with --package-version; under Bazel it is that of gazelle's package metadata, which packages \
                         of the repository itself do not have: take `version` out of the rule for these",
                    ),
                ));
            };
            let parsed =
                ModuleVersion::parse(version).ok_or_else(|| broken(&format!("the version `{version}`")))?;
            if !range_parsed.contains(&parsed) {
                return Err(Miss::NotApplicable(format!(
                    "the rule is for version {range}, and this is {version}"
                )));
            }
        }
        Ok(())
    }

    /// Returns whether what the rule asks of types is known.
    pub(super) fn typed(&self, rule: &LoweredRule) -> Result<(), Miss> {
        let asked = questions(std::slice::from_ref(rule));
        if asked.is_empty() {
            return Ok(());
        }
        let Some(facts) = self.input.types else {
            return Err(Miss::mismatch(
                Refused::new(Reason::NoTypes, None, "it asks for types, and none are given").help(
                    "`goweave types` says what is asked; give the answer of the types helper with `--types`; \
                     under Bazel name the package in `typed` of the go_instrumentation",
                ),
            ));
        };
        match asked.interfaces.iter().find_map(|i| facts.wrong.get(i)) {
            Some(why) => Err(Miss::mismatch(Refused::new(Reason::NoInterface, None, why.clone()))),
            None => Ok(()),
        }
    }
}
