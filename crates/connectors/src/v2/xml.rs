//! The little XML of APIv2: one root `xml`, one level of texts. Everything else XML can do is refused: document types,
//! entities, attributes, nesting, a name twice.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use zeroize::Zeroizing;

/// Larger than any answer with every coupon field in it (m2/4011986581: a few KB).
const BYTES_MAX: usize = 64 * 1024;

/// Names and non-empty values, in the order of signing. Wiped: among them are payment codes and payers' ids.
pub(crate) type Fields = BTreeMap<String, Zeroizing<String>>;

/// Reads an answer; `None` for anything but the plain form.
pub(crate) fn read(body: &[u8]) -> Option<Fields> {
    let text = std::str::from_utf8(body).ok().filter(|text| text.len() <= BYTES_MAX)?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut open = Open::default();
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => open.start(&tag)?,
            Event::Empty(tag) => {
                open.start(&tag)?;
                open.end()?;
            }
            Event::End(_) => open.end()?,
            Event::Text(text) => open.text(&text)?,
            Event::CData(text) => open.text(&text)?,
            Event::GeneralRef(reference) => {
                let character = match reference.resolve_char_ref().ok()? {
                    Some(character) => character.to_string(),
                    // The five of XML itself; any other would have to be declared, and declarations are refused.
                    None => resolve_predefined_entity(&reference)?.to_owned(),
                };
                open.text(&character)?;
            }
            Event::Decl(_) | Event::Comment(_) => {}
            Event::DocType(_) | Event::PI(_) => return None,
            Event::Eof => return open.finish(),
        }
    }
}

/// Writes a request into one buffer of the right size, so that no payment code is left behind by its growth.
pub(crate) fn write(fields: &Fields) -> Zeroizing<Vec<u8>> {
    let escaped = |text: &str| Zeroizing::new(quick_xml::escape::escape(text).into_owned());
    let values: Vec<_> = fields.iter().map(|(name, value)| (name, escaped(value))).collect();
    let length: usize = values.iter().map(|(name, value)| 2 * name.len() + value.len() + 5).sum();
    let mut body = Zeroizing::new(Vec::with_capacity(length + 11));
    body.extend_from_slice(b"<xml>");
    for (name, value) in values {
        for part in ["<", name, ">", value.as_str(), "</", name, ">"] {
            body.extend_from_slice(part.as_bytes());
        }
    }
    body.extend_from_slice(b"</xml>");
    body
}

/// Where the reader stands.
#[derive(Default)]
struct Open {
    depth: u8,
    name: String,
    value: Zeroizing<String>,
    fields: BTreeMap<String, Zeroizing<String>>,
    closed: bool,
}

impl Open {
    fn start(&mut self, tag: &BytesStart<'_>) -> Option<()> {
        let name = tag.name().into_inner();
        let fits = match self.depth {
            0 => name == "xml" && !self.closed,
            1 => true,
            _ => false,
        };
        if !fits || tag.attributes_raw().trim() != "" {
            return None;
        }
        self.name = name.to_owned();
        self.depth += 1;
        Some(())
    }

    fn text(&mut self, text: &str) -> Option<()> {
        if self.depth == 2 {
            self.value.push_str(text);
            return Some(());
        }
        text.trim().is_empty().then_some(())
    }

    fn end(&mut self) -> Option<()> {
        self.depth = self.depth.checked_sub(1)?;
        self.closed = self.depth == 0;
        if self.depth == 1 {
            let (name, value) = (std::mem::take(&mut self.name), std::mem::take(&mut self.value));
            let previous = self.fields.insert(name, value);
            return previous.is_none().then_some(());
        }
        Some(())
    }

    fn finish(mut self) -> Option<Fields> {
        // Empty values are not signed, so they say nothing.
        self.fields.retain(|_, value| !value.is_empty());
        self.closed.then_some(self.fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::vector;

    fn get<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
        fields.get(name).map(|value| value.as_str())
    }

    #[test]
    fn a_published_answer_is_read() {
        let fields = read(vector("php_v2_paysuccess.xml").as_bytes()).expect("plain form");

        assert_eq!(get(&fields, "out_trade_no"), Some("1409811653"));
        assert_eq!(get(&fields, "total_fee"), Some("1"));
        assert_eq!(get(&fields, "attach"), Some("支付测试"));
    }

    #[test]
    fn a_published_text_with_another_root_is_refused() {
        assert!(read(vector("php_v2_refund_req_info.xml").as_bytes()).is_none());
    }

    #[test]
    fn the_published_external_entity_is_refused() {
        assert!(read(vector("php_invalid_xxe.xml").as_bytes()).is_none());
    }

    #[test]
    fn everything_but_the_plain_form_is_refused() {
        let cases = [
            "",
            "nonsense",
            "<html><body>login</body></html>",
            "<!DOCTYPE xml><xml><a>1</a></xml>",
            "<!DOCTYPE xml [<!ENTITY a \"b\">]><xml><a>&a;</a></xml>",
            "<xml><a>&a;</a></xml>",
            "<xml><a>1</a><a>1</a></xml>",
            "<xml><a><b>1</b></a></xml>",
            "<xml><a id=\"1\">1</a></xml>",
            "<xml><a>1</a></xml><xml><a>2</a></xml>",
            "<xml><a>1</a>",
            "<xml><a>1</b></xml>",
            "<xml>text<a>1</a></xml>",
            "<xml><?php echo ?><a>1</a></xml>",
            "<other><a>1</a></other>",
        ];

        for text in cases {
            assert!(read(text.as_bytes()).is_none(), "{text}");
        }
        assert!(read(b"<xml><a>\xff</a></xml>").is_none());
        assert!(read(format!("<xml><a>{}</a></xml>", "x".repeat(BYTES_MAX)).as_bytes()).is_none());
    }

    #[test]
    fn the_plain_form_may_be_written_in_several_ways() {
        let cases = [
            "<xml><a>1 &amp; 2</a><b></b></xml>",
            "<?xml version=\"1.0\"?>\n<xml>\n <a><![CDATA[1 & 2]]></a>\n</xml>\n",
            "\u{feff}<xml><a>1 &#38; 2</a><b/><!-- note --></xml>",
        ];

        for text in cases {
            let fields = read(text.as_bytes()).expect("plain form");
            assert_eq!(get(&fields, "a"), Some("1 & 2"), "{text}");
            assert_eq!(fields.len(), 1, "empty values say nothing");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_reads_back(value in "[^\\x00-\\x08\\x0b-\\x1f\\x7f]{1,40}") {
            let fields = Fields::from([("a".to_owned(), Zeroizing::new(value))]);

            proptest::prop_assert_eq!(read(&write(&fields)), Some(fields));
        }

        #[test]
        fn no_bytes_make_the_reader_fail_otherwise(body in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let _ = read(&body);
        }
    }
}
