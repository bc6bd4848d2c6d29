//! The register at its desk: a real register, a real file, a provider that misbehaves, and time moved by hand.

mod answers;
mod aside;
mod books_and_days;
mod camera;
mod cash;
mod clock;
mod days;
mod desk;
mod devices;
mod disk;
mod doubt;
mod guard;
mod keys;
mod late;
mod lies;
mod line;
mod manager;
mod news;
mod scans;
mod set_up;
mod support;
