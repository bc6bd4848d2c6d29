//! How much memory the till takes, and whether it grows.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;

/// Memory of one kind of process, in kB (`VmRSS`).
pub const KINDS: [&str; 3] = ["till", "web", "network"];

/// One look at all of them.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// Seconds since the run began.
    pub at_s: i64,
    /// In which life of the till.
    pub life: u32,
    /// In the order of [`KINDS`].
    pub kb: [i64; 3],
}

/// Warm-up: screens, fonts and scripts are loaded once, and the page's heap takes about ten minutes of selling to reach its size.
const WARM_UP_S: i64 = 600;
const WINDOW_S: i64 = 600;
/// Growth that is still no growth, in tenths of a percent.
const ALLOWED_PERMILLE: i64 = 50;

/// Looks at the process group of the till `process`.
pub fn look(at_s: i64, life: u32, process: u32) -> Sample {
    let mut kb = [0; 3];
    for id in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let path = id.path();
        let Ok(stat) = fs::read_to_string(path.join("stat")) else { continue };
        let Some((name, group)) = name_and_group(&stat) else { continue };
        if group != process {
            continue;
        }
        let kind = match name {
            name if name.starts_with("WebKitWeb") => 1,
            name if name.starts_with("WebKit") => 2,
            _ => 0,
        };
        let status = fs::read_to_string(path.join("status")).unwrap_or_default();
        kb[kind] += resident_kb(&status).unwrap_or(0);
    }
    Sample { at_s, life, kb }
}

/// `pid (name) state ppid pgrp ...`; the name may hold anything, so the last bracket counts.
fn name_and_group(stat: &str) -> Option<(&str, u32)> {
    let (_, rest) = stat.split_once('(')?;
    let (name, rest) = rest.rsplit_once(')')?;
    Some((name, rest.split_whitespace().nth(2)?.parse().ok()?))
}

fn resident_kb(status: &str) -> Option<i64> {
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// What became of the memory in one uninterrupted stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Growth {
    /// How long the stretch was.
    pub length_s: i64,
    /// How long both windows are, the first after the warm-up and the last.
    pub window_s: i64,
    /// Median of the first window.
    pub first_kb: i64,
    /// Median of the last.
    pub last_kb: i64,
    /// The trend after the warm-up: the median of the slopes of all pairs (Theil and Sen), which outliers do not move.
    pub kb_per_hour: i64,
}

impl Growth {
    /// Of one kind over the stretch `samples`, which are in order.
    pub fn of(samples: &[Sample], kind: usize) -> Option<Growth> {
        let (begin, end) = (samples.first()?.at_s, samples.last()?.at_s);
        let length_s = end - begin;
        let warm_at = begin + WARM_UP_S.min(length_s / 3);
        let window_s = WINDOW_S.min((end - warm_at) * 2 / 5);
        let warm: Vec<(i64, i64)> = samples
            .iter()
            .filter(|sample| sample.at_s >= warm_at)
            .map(|sample| (sample.at_s, sample.kb[kind]))
            .collect();
        let median_of = |keep: &dyn Fn(i64) -> bool| {
            median(warm.iter().filter(|(at, _)| keep(*at)).map(|(_, kb)| *kb).collect())
        };
        Some(Growth {
            length_s,
            window_s,
            first_kb: median_of(&|at| at <= warm_at + window_s)?,
            last_kb: median_of(&|at| at >= end - window_s)?,
            kb_per_hour: trend(&warm)?,
        })
    }

    /// In tenths of a percent of the first window.
    pub fn permille(&self) -> i64 {
        (self.last_kb - self.first_kb) * 1_000 / self.first_kb.max(1)
    }

    /// Whether it grew by less than is allowed.
    pub fn is_kept(&self) -> bool {
        self.permille() < ALLOWED_PERMILLE
    }
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Growth { length_s, window_s, first_kb, last_kb, kb_per_hour } = self;
        let (sign, tenths) = (if self.permille() < 0 { "-" } else { "+" }, self.permille().abs());
        write!(
            f,
            "{first_kb} kB -> {last_kb} kB ({sign}{}.{} %), trend {kb_per_hour:+} kB an hour, over {length_s} s without a kill, \
             medians of {window_s} s",
            tenths / 10,
            tenths % 10
        )
    }
}

/// The samples of the longest life.
pub fn longest(samples: &[Sample]) -> Vec<Sample> {
    let mut lives: BTreeMap<u32, Vec<Sample>> = BTreeMap::new();
    for sample in samples {
        lives.entry(sample.life).or_default().push(*sample);
    }
    let length = |life: &Vec<Sample>| life.last().map_or(0, |last| last.at_s - life[0].at_s);
    lives.into_values().max_by_key(length).unwrap_or_default()
}

fn trend(points: &[(i64, i64)]) -> Option<i64> {
    let mut slopes = Vec::new();
    for (index, (at, kb)) in points.iter().enumerate() {
        for (later, more) in &points[index + 1..] {
            if later > at {
                slopes.push((more - kb) * 3_600 / (later - at));
            }
        }
    }
    median(slopes)
}

fn median(mut values: Vec<i64>) -> Option<i64> {
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(kb_at: impl Fn(i64) -> i64) -> Vec<Sample> {
        (0..180).map(|step| Sample { at_s: step * 10, life: 1, kb: [kb_at(step * 10), 0, 0] }).collect()
    }

    #[test]
    fn steady_memory_is_kept_whatever_a_single_look_sees() {
        let steady = stretch(|at| if at % 70 == 0 { 900_000 } else { 100_000 });

        let growth = Growth::of(&steady, 0).unwrap();

        assert_eq!((growth.first_kb, growth.last_kb, growth.kb_per_hour), (100_000, 100_000, 0));
        assert!(growth.is_kept());
    }

    #[test]
    fn a_leak_is_found_and_a_warm_up_is_not_taken_for_one() {
        let leak = Growth::of(&stretch(|at| 100_000 + at * 10), 0).unwrap();
        let warm_up = Growth::of(&stretch(|at| 100_000 + at.min(200) * 100), 0).unwrap();

        assert_eq!(leak.kb_per_hour, 36_000);
        assert!(!leak.is_kept(), "{leak}");
        assert!(warm_up.is_kept(), "{warm_up}");
    }

    #[test]
    fn a_stretch_ends_with_a_life() {
        let mut samples = stretch(|_| 1);
        samples[100..].iter_mut().for_each(|sample| sample.life = 2);

        assert_eq!(longest(&samples).len(), 100);
    }

    #[test]
    fn a_process_is_known_by_its_group_whatever_its_name() {
        assert_eq!(name_and_group("7 (a) b (c) S 1 42 7 0"), Some(("a) b (c", 42)));
        assert_eq!(resident_kb("Name:\tguitai\nVmRSS:\t  150000 kB\n"), Some(150_000));
    }
}
