//! Near names for messages.

use crate::messages;

/// The candidates nearest to `name`, best first, at most three; empty if none is near.
///
/// Near means: at most a third of the letters differ, or one contains the other, letter case aside.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let lower = name.to_lowercase();
    let mut scored: Vec<(usize, &str)> = candidates
        .into_iter()
        .filter_map(|c| {
            let other = c.to_lowercase();
            let distance = edit_distance(&lower, &other);
            let limit = lower.chars().count().max(other.chars().count()).div_ceil(3);
            let contained =
                lower.len() > 2 && other.len() > 2 && (other.contains(&lower) || lower.contains(&other));
            (distance <= limit || contained).then_some((distance, c))
        })
        .collect();
    scored.sort_unstable();
    scored.dedup();
    scored.truncate(3);
    scored.into_iter().map(|(_, c)| c).collect()
}

/// `did you mean "a", "b" or "c"?`, if anything is near.
#[must_use]
pub fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let near: Vec<String> = nearest(name, candidates).iter().map(|c| format!("`{c}`")).collect();
    match near.as_slice() {
        [] => None,
        [one] => Some(messages::did_you_mean(one)),
        [first @ .., last] => Some(messages::did_you_mean(format!("{} or {last}", first.join(", ")))),
    }
}

/// Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`.
fn edit_distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut rows: Vec<Vec<usize>> = (0..=a.len()).map(|i| (i..=i + b.len()).collect()).collect();
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let substitution = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = substitution.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let names = ["QueryContext", "QueryRowContext", "ExecContext", "Close"];
        assert_eq!(nearest("QueryContxt", names), ["QueryContext", "QueryRowContext"]);
        assert_eq!(nearest("querycontext", names)[0], "QueryContext");
        assert_eq!(nearest("Shutdown", names), [] as [&str; 0]);
        assert_eq!(
            did_you_mean("fucntion", ["function", "receiver"]).as_deref(),
            Some("did you mean `function`?")
        );
        assert_eq!(did_you_mean("zzz", ["function"]), None);
    }
}
