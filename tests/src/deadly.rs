//! A connector that can be the end of the till: whoever wants to kill it between two writes hooks in here.

use guitai_connectors::{Asked, Charge, Connector, Fresh, HttpReply, HttpRequest, Reading, SettingsFault};
use guitai_domain::payment::{ProviderRules, Verb};
use guitai_domain::{Method, Timestamp};

/// Another connector, with a hook called at the start of everything it is asked. The register asks its connector between
/// any two writes, so the hook sits between them.
pub struct Deadly {
    inner: Box<dyn Connector>,
    hook: Box<dyn Fn() + Send + Sync>,
}

impl Deadly {
    /// `inner` with `hook`.
    #[must_use]
    pub fn new(inner: Box<dyn Connector>, hook: Box<dyn Fn() + Send + Sync>) -> Deadly {
        Deadly { inner, hook }
    }
}

impl Connector for Deadly {
    fn kind(&self) -> &'static str {
        self.inner.kind()
    }

    fn method(&self) -> Method {
        self.inner.method()
    }

    fn rules(&self) -> &'static ProviderRules {
        (self.hook)();
        self.inner.rules()
    }

    fn hosts(&self) -> &'static [&'static str] {
        self.inner.hosts()
    }

    fn pay(&self, charge: &Charge<'_>, fresh: &Fresh) -> HttpRequest {
        (self.hook)();
        self.inner.pay(charge, fresh)
    }

    fn query(&self, asked: &Asked<'_>, fresh: &Fresh) -> HttpRequest {
        (self.hook)();
        self.inner.query(asked, fresh)
    }

    fn reverse(&self, asked: &Asked<'_>, fresh: &Fresh) -> HttpRequest {
        (self.hook)();
        self.inner.reverse(asked, fresh)
    }

    fn read(&self, verb: Verb, asked: &Asked<'_>, reply: &HttpReply, now: Timestamp) -> Reading {
        (self.hook)();
        self.inner.read(verb, asked, reply, now)
    }

    fn test(&self, fresh: &Fresh) -> HttpRequest {
        self.inner.test(fresh)
    }

    fn read_test(&self, reply: &HttpReply, now: Timestamp) -> Result<(), SettingsFault> {
        self.inner.read_test(reply, now)
    }
}
