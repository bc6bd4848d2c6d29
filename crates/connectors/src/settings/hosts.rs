//! Which hosts may be spoken to: the provider's own, or this computer.

use super::SettingsError;
use super::file::Text;

/// WeChat Pay's names for its hosts (`m3/4012075113`; wechatpay-java `OkHttpMultiDomainInterceptor`). The second pair is the official fallback where the first is blocked.
const ALLOWED: [&str; 4] = [
    "https://api.mch.weixin.qq.com",
    "https://api2.mch.weixin.qq.com",
    "https://api.wechatpay.cn",
    "https://api2.wechatpay.cn",
];

/// The hosts to use, and whether all are this computer itself: only then may keys be test keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hosts {
    pub(crate) urls: Vec<String>,
    pub(crate) loopback: bool,
}

impl Hosts {
    /// The named hosts, or `usual` where none is named.
    pub(super) fn new(named: &[Text], usual: &[&str]) -> Result<Hosts, SettingsError> {
        let urls: Vec<String> = named.iter().map(|url| url.trim_end_matches('/').to_owned()).collect();
        match urls.len() {
            0 => Ok(Hosts { urls: usual.iter().map(|url| (*url).to_owned()).collect(), loopback: false }),
            1 | 2 if urls.iter().all(|url| is_loopback(url)) => Ok(Hosts { urls, loopback: true }),
            1 | 2 if urls.iter().all(|url| ALLOWED.contains(&url.as_str())) => {
                Ok(Hosts { urls, loopback: false })
            }
            _ => Err(SettingsError::HostNotAllowed),
        }
    }
}

/// `http(s)://` and this computer's own name or address, with or without a port. Nothing else fits behind it.
fn is_loopback(url: &str) -> bool {
    let Some(place) = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")) else {
        return false;
    };
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| {
        place.strip_prefix(name).is_some_and(|port| {
            port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wechat::HOSTS;

    #[test]
    fn only_the_provider_and_this_computer_may_be_spoken_to() {
        let cases = [
            ("https://api.mch.weixin.qq.com", Some(false)),
            ("https://api2.wechatpay.cn/", Some(false)),
            ("http://api.mch.weixin.qq.com", None),
            ("https://api.mch.weixin.qq.com.evil.example", None),
            ("https://api.mch.weixin.qq.com@evil.example", None),
            ("https://evil.example", None),
            ("http://127.0.0.1:18080", Some(true)),
            ("https://localhost:18443", Some(true)),
            ("http://[::1]", Some(true)),
            ("http://127.0.0.1:80@evil.example", None),
            ("http://127.0.0.1.evil.example", None),
            ("http://localhost:99999", None),
            ("ftp://localhost", None),
            ("", None),
        ];

        for (url, loopback) in cases {
            let hosts = Hosts::new(&[Text::new(url.to_owned())], HOSTS);
            assert_eq!(hosts.ok().map(|hosts| hosts.loopback), loopback, "{url}");
        }
    }

    #[test]
    fn a_real_host_and_this_computer_do_not_mix() {
        let named =
            ["https://api.mch.weixin.qq.com", "http://127.0.0.1:1"].map(|url| Text::new(url.to_owned()));

        assert_eq!(Hosts::new(&named, HOSTS), Err(SettingsError::HostNotAllowed));
    }

    #[test]
    fn no_named_host_means_the_usual_two() {
        assert_eq!(Hosts::new(&[], HOSTS).expect("usual").urls, HOSTS);
    }
}
