//! How a tender is paid.

/// A way to pay. The name in the journal and in exports is [`Method::name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// Notes and coins. Can never be switched off (rule on cash, 2026-02-01).
    Cash,
    /// WeChat Pay.
    WechatPay,
    /// Alipay.
    Alipay,
    /// UnionPay's QuickPass codes.
    UnionPay,
}

impl Method {
    /// Every method, cash first.
    pub const ALL: [Method; 4] = [Method::Cash, Method::WechatPay, Method::Alipay, Method::UnionPay];

    /// The name used in the journal and in exports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Method::Cash => "cash",
            Method::WechatPay => "wechat_pay",
            Method::Alipay => "alipay",
            Method::UnionPay => "union_pay",
        }
    }

    /// The method with that [`name`](Method::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Method> {
        Method::ALL.into_iter().find(|method| method.name() == name)
    }
}
