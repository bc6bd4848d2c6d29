//! The world simulator: a till lives through days of trade in which everything goes wrong that can, and somebody watches.
//!
//! A [`Plan`] is drawn from a seed, [`live`] lives through it with the real register, and the watch compares all the while what
//! the screens say with what provider and bank have done. A plan that breaks a rule is made as short as it can be and told as a
//! story.

mod counter;
mod draw;
mod ends;
mod life;
mod line;
mod menu;
mod people;
mod plan;
mod quiet;
mod rest;
mod screens;
mod shrink;
mod tally;
mod tell;
mod watch;

pub use draw::draw;
pub use life::{Failure, Making, Put, live};
pub use plan::{Act, Ending, Other, Plan, Speech};
pub use shrink::shrink;
pub use tally::Tally;
pub use watch::Broken;
