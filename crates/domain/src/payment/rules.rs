//! The provider's clock: what may be asked when.

/// One provider's timings, in ms of a payment's age. Data with its source beside it, in the connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProviderRules {
    /// Between two queries while the result is open.
    pub poll_ms: i64,
    /// After this the till stops waiting for the customer and takes the payment back.
    pub window_ms: i64,
    /// No reversal before this; what a charge takes to arrive is in it.
    pub reverse_from_ms: i64,
    /// No reversal after this: only a refund returns the money then.
    pub reverse_until_ms: i64,
    /// How long the code on the customer's phone is good for. A charge that could not leave by then never does.
    pub code_life_ms: i64,
    /// No refund after this, and no word of the provider worth waiting for.
    pub refund_until_ms: i64,
}

impl ProviderRules {
    /// How long to wait before the next call about a payment of this age.
    ///
    /// Dense while somebody stands at the counter, sparse later, so that a long outage ends without a storm.
    #[must_use]
    pub fn gap_ms(&self, age_ms: i64) -> i64 {
        let sparse = match age_ms {
            ..=59_999 => 0,
            60_000..=599_999 => 15_000,
            600_000..=3_599_999 => 60_000,
            // An answer that can be used must not be far off: it is minutes that a person waits for.
            3_600_000.. => 240_000,
        };
        self.poll_ms.max(sparse)
    }
}
