//! Reads a table some times and says what it took, for `cargo xtask prove reading`.
//!
//! `read_csv FILE TIMES` prints one line of JSON: the least seconds of processor time and of wall time for one reading,
//! the most memory in use above what the program had before, and rows and columns.

use std::error::Error;
use std::time::Instant;

use rosenblatt_data::{Input, Table, TableOptions};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [file, times] = &words[..] else {
        return Err("usage: read_csv FILE TIMES".into());
    };
    let before = status("VmRSS:")?;
    let (mut cpu, mut wall, mut size) = (f64::INFINITY, f64::INFINITY, (0, 0));
    for _ in 0..times.parse::<u32>()? {
        let (started, used) = (Instant::now(), processor_seconds()?);
        let (table, _) =
            Table::read(&Input::file(file), &TableOptions::default()).map_err(|error| error.to_string())?;
        cpu = cpu.min(processor_seconds()? - used);
        wall = wall.min(started.elapsed().as_secs_f64());
        size = (table.len(), table.columns().len());
    }
    let peak = (status("VmHWM:")? - before) * 1024;
    let (rows, columns) = size;
    println!(
        "{{\"cpu_seconds\": {cpu}, \"seconds\": {wall}, \"peak_bytes\": {peak}, \"rows\": {rows}, \"columns\": {columns}}}"
    );
    Ok(())
}

/// Time of this thread on a processor, the kernel's work for it included.
fn processor_seconds() -> Result<f64, Box<dyn Error>> {
    let text = std::fs::read_to_string("/proc/self/schedstat")?;
    let nanoseconds: u64 = text.split_whitespace().next().ok_or("an empty schedstat")?.parse()?;
    Ok(nanoseconds as f64 * 1e-9)
}

/// A line of the process's status, in KiB.
fn status(key: &str) -> Result<i64, Box<dyn Error>> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix(key));
    Ok(line
        .ok_or("no such line of the status")?
        .trim()
        .trim_end_matches("kB")
        .trim()
        .parse()?)
}
