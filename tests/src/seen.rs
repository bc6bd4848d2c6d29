//! What can be seen of a till from outside, kept for whoever wants to hold it to that.

use guitai_db::ChainHead;

use crate::desk::TestRegister;
use crate::wire::OtherSide;

/// What a till has let out.
#[derive(Debug, Default)]
pub struct Seen {
    /// The end of the journal when it last let something out: everything up to here was acknowledged.
    pub head: Option<ChainHead>,
    /// The same at each of its ends.
    pub died_with: Vec<ChainHead>,
    /// How many storage calls there had been when each request left.
    pub left_at: Vec<u64>,
    /// Whether to keep the codes of the messages on the screen.
    pub messages_wanted: bool,
    /// Those codes, in order.
    pub messages: Vec<String>,
    /// The message seen last; a till that starts counts anew.
    pub(crate) serial: u32,
}

impl<W: OtherSide> TestRegister<W> {
    /// Looks at the till before what it asks for is carried out.
    pub(crate) fn note_seen(&mut self) {
        self.seen.head = Some(self.register().db().head());
        if self.seen.messages_wanted
            && let Some(notice) = self.view().notice
            && notice.serial != self.seen.serial
        {
            self.seen.serial = notice.serial;
            self.seen.messages.push(notice.message.code);
        }
    }
}
