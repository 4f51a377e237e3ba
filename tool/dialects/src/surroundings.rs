//! Facts of the build that rules are for.

/// Facts of the build that rules are for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Paths of the modules that are being worked on; the first one is that of the main module.
    pub roots: Vec<String>,
    /// Import paths of main packages, which `main` stands for; empty: every package is asked for its name.
    pub mains: Vec<String>,
    /// The packages that the rules are for which a language has built in.
    pub built_in: BuiltIn,
}

/// The packages that rules are for which a language has built in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BuiltIn {
    /// All.
    #[default]
    Everywhere,
    /// Packages that other rules are for.
    WithOthers,
}

/// Gives the files at a path that a rule file extends, each with its path and its text.
pub type Extend<'e> = dyn FnMut(&str) -> Result<Vec<(String, String)>, String> + 'e;
