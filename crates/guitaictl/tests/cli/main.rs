//! The real binary on folders of its own: what it does, how it ends, what it says.

mod desk;
mod devices;
mod folders;
mod json;
mod manager;
mod provider;
mod restore;
mod selling;
mod shop;
mod upkeep;
