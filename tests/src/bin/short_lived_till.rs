//! A till that plays one flow and kills itself on the way. The other side is whoever started it, over standard input and output.
//!
//! `short_lived_till <folder> <flow> <point> <true time in ms>`: at the given point, counted from 1, the process is killed with
//! SIGKILL, so that nothing is flushed, dropped or finished. It ends by itself when the flow has fewer points.

use std::io;
use std::path::PathBuf;
use std::process::{Command, abort};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use guitai_tests::{Deadly, Pipe, TestRegister, flows, play};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, flow, point, true_ms] = arguments.as_slice() else {
        panic!("short_lived_till <folder> <flow> <point> <true time in ms>");
    };
    let flow = flows().find(|known| known.name == flow).expect("a flow");
    let last: u32 = point.parse().expect("a point");
    let true_ms: i64 = true_ms.parse().expect("a time");

    let passed = Arc::new(AtomicU32::new(0));
    let pass = move || {
        if passed.fetch_add(1, Ordering::SeqCst) + 1 == last {
            die();
        }
    };
    let here = pass.clone();
    let interpose = Box::new(move |inner| -> Box<dyn guitai_connectors::Connector> {
        Box::new(Deadly::new(inner, Box::new(pass.clone())))
    });
    let other_side = Pipe::new(io::stdin().lock(), io::stdout());
    let mut desk =
        TestRegister::interposed(&PathBuf::from(folder), other_side, true_ms, 1, interpose, Box::new(here));
    play(&mut desk, flow);
}

fn die() -> ! {
    if cfg!(unix) {
        let _ = Command::new("kill").args(["-KILL", &std::process::id().to_string()]).status();
    }
    // Where there is no such signal; nothing is flushed here either.
    abort()
}
