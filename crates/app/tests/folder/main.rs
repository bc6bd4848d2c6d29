//! A till's folder when it is not what it was: put back, copied, moved, damaged.

mod place;
mod recognise;
mod restore;
mod space;
