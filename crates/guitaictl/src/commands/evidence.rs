//! `evidence`: one sale as a file for a dispute.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};

use guitai_app::driver::wall_clock;
use guitai_app::evidence;
use guitai_app::view::MessageView;
use guitai_db::Watch;
use serde::Serialize;

use crate::args::Evidence;
use crate::exit::{Exit, Failure};
use crate::session::Session;
use crate::words;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EvidenceView {
    file: String,
    bytes: u64,
    message: MessageView,
}

pub fn evidence(session: &Session, wanted: &Evidence) -> Result<Exit, Failure> {
    if wanted.out.exists() {
        return Err(Failure::usage(words::evidence_exists(&wanted.out)));
    }
    let folder = session.existing()?;
    let _lock = folder.lock()?;
    let text = evidence::make(&folder.database(), &wanted.sale, wall_clock(), &Watch::default())?;
    let mut file = OpenOptions::new().create_new(true).write(true).open(&wanted.out).map_err(|error| {
        match error.kind() {
            ErrorKind::AlreadyExists => Failure::usage(words::evidence_exists(&wanted.out)),
            _ => Failure::usage(words::unwritable_file(&wanted.out, &error)),
        }
    })?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    let view = EvidenceView {
        file: wanted.out.display().to_string(),
        bytes: text.len() as u64,
        message: words::evidence_made(&wanted.out),
    };
    session.out.done(&view, |out| out.coded(&view.message));
    Ok(Exit::Done)
}
