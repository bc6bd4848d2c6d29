//! The real binary on folders of its own: what it does, how it ends, what it says.

mod folders;
mod json;
mod provider;
mod restore;
mod selling;
mod shop;
mod upkeep;
