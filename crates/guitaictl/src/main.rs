//! `guitaictl`: the till without a window, for integrators and scripts.
//!
//! It reads the command line, asks the register in `guitai-app`, and prints what it hears. What is printed on standard
//! output is the result; everything said on the way goes to standard error. Every rule about money is the register's.

mod args;
mod commands;
mod exit;
mod follow;
mod input;
mod output;
mod session;
mod words;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use args::Cli;
use exit::{Exit, Failure};
use output::Output;
use session::Session;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return not_understood(&error, &arguments).into(),
    };
    let output = Output::new(cli.json, cli.lang);
    let session = Session::new(&cli, output);
    let exit = run(&session, cli).unwrap_or_else(|failure| {
        output.failure(&failure);
        failure.exit
    });
    exit.into()
}

fn run(session: &Session, cli: Cli) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(commands::run(session, cli.command))
}

/// Help and version are results; anything else the parser says is a mistake in the command.
fn not_understood(error: &clap::Error, arguments: &[OsString]) -> Exit {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let _ = error.print();
            Exit::Done
        }
        _ => {
            let _ = error.print();
            if arguments.iter().any(|argument| argument == "--json") {
                Output::new(true, None).failure(&Failure::usage(words::not_understood()));
            }
            Exit::Usage
        }
    }
}
