//! Whether a rule is for a package as it is built: the Go release, the version of the module, what is known of types.

use weave_ir::{GoVersion, LoweredRule, ModuleVersion, VersionRange};

use crate::lower::questions;
use crate::messages;
use crate::package::Package;
use crate::refusal::Miss;

impl Package<'_, '_> {
    /// Returns whether the rule is for this Go release and this version of the module.
    pub(super) fn applicable(&self, rule: &LoweredRule) -> Result<(), Miss> {
        let broken = |what: &str| Miss::mismatch(messages::cannot_read(what));
        if let Some(range) = &rule.go {
            let range_parsed =
                VersionRange::<GoVersion>::parse(range).map_err(|_| broken(&format!("`{range}`")))?;
            let go = self.input.target.go();
            if !range_parsed.contains(&go) {
                return Err(Miss::NotApplicable(messages::other_go(range, go)));
            }
        }
        if let Some(language) = &rule.language_version {
            let needs = GoVersion::parse(language).ok_or_else(|| broken(&format!("`{language}`")))?;
            if self.input.target.go() < needs {
                let go = self.input.target.go();
                let message = messages::needs_language(language, go);
                return Err(Miss::mismatch(message));
            }
        }
        if let Some(range) = &rule.version {
            let range_parsed =
                VersionRange::<ModuleVersion>::parse(range).map_err(|_| broken(&format!("`{range}`")))?;
            let Some(version) = self.input.version else {
                return Err(Miss::not_found(messages::no_version(range, self.input.package)));
            };
            let parsed =
                ModuleVersion::parse(version).ok_or_else(|| broken(&messages::the_version(version)))?;
            if !range_parsed.contains(&parsed) {
                return Err(Miss::NotApplicable(messages::other_version(range, version)));
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
            return Err(Miss::mismatch(messages::no_types()));
        };
        match asked.interfaces.iter().find_map(|i| facts.wrong.get(i)) {
            Some(why) => Err(Miss::mismatch(messages::no_interface(why))),
            None => Ok(()),
        }
    }
}
