//! The product as a whole: a till at a desk with a customer, a line that breaks, and books to compare at the end.
//!
//! Roles: a [`TestRegister`] is a real register on a real file; it owns simulated time and carries the register's calls to the
//! [`OtherSide`], which is the sandbox's world or, for a till that is to be killed, that world in another process. [`check_books`]
//! compares what the till wrote down with what provider and bank did. [`trading_day`] lives through a random day.
//!
//! Nothing here sleeps and nothing asks the clock: the same seed gives the same day.

mod books;
mod chance;
mod deadly;
mod desk;
mod flows;
mod folder;
mod in_doubt;
mod life;
mod pipe;
pub mod prove;
#[cfg(test)]
mod sealed;
mod seen;
mod trade;
mod wire;
pub mod world;

pub use books::{check_books, integrity, receipts_by_day};
pub use chance::Chance;
pub use deadly::Deadly;
pub use desk::{OnStop, Sent, TestRegister, keys_of};
pub use flows::{Act, Flow, flows, play};
pub use folder::Folder;
pub use pipe::{Pipe, answer_pipe};
pub use seen::Seen;
pub use trade::{Trade, trading_day};
pub use wire::{Line, OtherSide};
