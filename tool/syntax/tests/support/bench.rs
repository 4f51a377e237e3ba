//! What the benchmarks share: rows, processor time, and the Go program that they are measured beside.
use super::go_command;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

/// One result.
pub struct Row {
    pub name: String,
    pub value: f64,
    pub unit: &'static str,
    pub baseline: Option<f64>,
}

/// Prints the results as a table or as JSON.
#[expect(clippy::print_stdout, reason = "it prints a report")]
pub fn print(rows: &[Row], as_json: bool) {
    if as_json {
        println!("{}", json(rows));
        return;
    }
    println!("{:<60} {:>10} {:>10} {:>7}  unit", "", "ours", "Go's", "ratio");
    for row in rows {
        let (baseline, ratio) = match row.baseline {
            Some(b) => (format!("{b:.1}"), format!("{:.3}", row.value / b)),
            None => (String::new(), String::new()),
        };
        println!("{:<60} {:>10.1} {baseline:>10} {ratio:>7}  {}", row.name, row.value, row.unit);
    }
}

fn json(rows: &[Row]) -> String {
    let mut out = String::from("{\"rows\":[");
    for (i, row) in rows.iter().enumerate() {
        let comma = if i > 0 { "," } else { "" };
        let baseline = row.baseline.map_or_else(|| "null".to_owned(), |b| format!("{b:.3}"));
        let Row { name, value, unit, .. } = row;
        let _ = write!(
            out,
            "{comma}{{\"name\":\"{name}\",\"value\":{value:.3},\"unit\":\"{unit}\",\"baseline\":{baseline}}}"
        );
    }
    out + "]}"
}

/// The processor time of this thread in the best of several passes, as the Go program takes its own: the machine may have other
/// things to do as well.
pub fn cpu_time(passes: u32, mut pass: impl FnMut()) -> Duration {
    let now = || {
        let t = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::new(t.tv_sec as u64, t.tv_nsec as u32)
    };
    let one = |_| {
        let start = now();
        pass();
        now() - start
    };
    (0..passes).map(one).min().unwrap_or(Duration::MAX)
}

pub fn ask_go(args: &[&str], files: &[PathBuf]) -> u64 {
    ask(&mut go_command(None, args), files)
}

/// Gives a program the list of files and reads the number that it prints.
pub fn ask(command: &mut Command, files: &[PathBuf]) -> u64 {
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.expect("the go command must be on PATH");
    let mut stdin = child.stdin.take().expect("stdin is piped");
    let list: String = files.iter().map(|f| format!("{}\n", f.display())).collect();
    stdin.write_all(list.as_bytes()).expect("the program reads its input");
    drop(stdin);
    let out = child.wait_with_output().expect("output");
    String::from_utf8_lossy(&out.stdout).trim().parse().expect("a number")
}
