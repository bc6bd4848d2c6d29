//! The file of a till, from outside: what is written stays, what is altered is found, what is refused is refused whole.

mod audit;
mod backup;
mod day;
mod journal;
mod open;
mod rebuild;
mod rules;
mod salvage;
mod shop;
mod upgrade;
mod witness;
