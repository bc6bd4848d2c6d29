//! The provider's clock: what may be asked when.

/// One provider's timings, in ms of a payment's age. Data with its source beside it, in the connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProviderRules {
    /// Between two queries while the result is open.
    pub poll_ms: i64,
    /// After this the till stops waiting for the customer and takes the payment back.
    pub window_ms: i64,
    /// No reversal before this.
    pub reverse_from_ms: i64,
    /// No reversal after this.
    pub reverse_until_ms: i64,
}

impl ProviderRules {
    /// How long to wait before the next call about a payment of this age.
    ///
    /// Dense while somebody stands at the counter, sparse later, so that a long outage ends without a storm.
    #[must_use]
    pub fn gap_ms(&self, age_ms: i64) -> i64 {
        match age_ms {
            ..60_000 => self.poll_ms,
            ..600_000 => self.poll_ms.max(15_000),
            ..3_600_000 => self.poll_ms.max(60_000),
            _ => self.poll_ms.max(600_000),
        }
    }
}
