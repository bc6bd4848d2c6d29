//! How fast the release till is: `bench latency` and `bench cold-start`, which `cargo xtask bench` starts under a virtual
//! display. What the figures mean is in `docs/benchmarks.md`.
#![expect(clippy::disallowed_methods, reason = "measuring is asking the clock, and waiting")]

mod bare;
mod camera;
mod cold_start;
mod counterparty;
mod figures;
mod floor;
mod glass;
mod latency;

use anyhow::{Result, bail};

fn main() -> Result<()> {
    match std::env::args().nth(1).as_deref() {
        Some("latency") if std::env::var_os(glass::FOLDER).is_none() => glass::on_own_display("latency"),
        Some("latency") => latency::run(),
        Some("camera") => camera::run(),
        Some("cold-start") => cold_start::run(),
        _ => bail!("bench latency | cold-start | camera"),
    }
}
