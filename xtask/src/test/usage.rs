//! Processor time of the programs this one has run.

/// Ticks of a second in `/proc`, the same on every Linux.
const TICKS: f64 = 100.0;

/// User and system seconds of all child processes that have ended, with theirs; nothing where the system does not say.
pub fn core_seconds() -> Option<f64> {
    of_children(&std::fs::read_to_string("/proc/self/stat").ok()?)
}

/// Reads `/proc/self/stat`: the name in parentheses may hold anything, so fields are counted behind it.
fn of_children(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks = fields.split_whitespace().skip(13).take(2);
    let ticks: Vec<f64> = ticks.map_while(|field| field.parse().ok()).collect();
    (ticks.len() == 2).then(|| ticks.iter().sum::<f64>() / TICKS)
}

#[cfg(test)]
mod tests {
    use super::{core_seconds, of_children};

    #[test]
    fn the_times_of_children_are_the_16th_and_17th_field() {
        let stat = "7 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 1111 2222 150 25 20 0 1 0 5 6\n";
        assert_eq!(of_children(stat), Some(1.75));
        assert_eq!(of_children("7 (a) S 1 2 3"), None);
        assert_eq!(of_children(""), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_system_says() {
        assert!(core_seconds().is_some_and(|seconds| seconds >= 0.0));
    }
}
