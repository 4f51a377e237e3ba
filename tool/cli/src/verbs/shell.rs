//! `goweave completions` and `goweave man`: what shells and `man` show of the command line.

use anyhow::{Context, Result};
use clap::CommandFactory;

use crate::args;
use crate::out::{self, Outcome};

/// Runs `goweave completions`.
pub(crate) fn completions(a: &args::Completions) -> Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(a.shell, &mut args::Cli::command(), "goweave", &mut script);
    out::text(&String::from_utf8_lossy(&script));
    Ok(Outcome::Done)
}

/// Runs `goweave man`.
pub(crate) fn man(a: &args::Man) -> Result<Outcome> {
    match &a.out {
        Some(dir) => {
            std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
            clap_mangen::generate_to(args::Cli::command(), dir)
                .with_context(|| format!("cannot write to {}", dir.display()))?;
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(args::Cli::command()).render(&mut page).context("cannot make the page")?;
            out::text(&String::from_utf8_lossy(&page));
        }
    }
    Ok(Outcome::Done)
}
