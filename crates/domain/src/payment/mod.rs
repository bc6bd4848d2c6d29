//! One attempt to collect a tender through a provider: its states, and the one function that moves it.
//!
//! Roles: the *register* feeds events in and does what [`Next`] says; a *connector* turns the provider's answers
//! into [`Word`]s (proven: signature, id, amount, currency and merchant agree) and [`Hint`]s (believable, but not
//! proven). A payment's *age* is the time since its request was first sent, in ms by a clock that only runs forward,
//! so a jump of the wall clock moves nothing here.
//!
//! What always holds (see the property tests): a final state is never left; *Captured* and *Reversed* need a proven
//! word; *Declined* needs a proven word or two independent answers that agree; money is asked for once.
//!
//! Deliberately not here: sockets, signatures, who may press what, and the wall clock.

mod rules;
mod state;
mod step;

pub use rules::ProviderRules;
pub use state::{Closing, Hint, Reason, Silence, State, Verb, Word};
pub use step::{Circumstances, Event, Next, Refusal, contradicts, step};
