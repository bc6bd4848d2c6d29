//! The flat XML of v2: a root and texts, nothing else. No document type, no entities beyond XML's own.

use std::collections::BTreeMap;

use quick_xml::events::Event;

/// Larger messages are refused unread.
const BODY_MAX: usize = 32 * 1024;

/// Not the XML this protocol speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotFlatXml;

/// Reads `<xml><name>value</name>...</xml>`.
pub(crate) fn read(body: &[u8]) -> Result<BTreeMap<String, String>, NotFlatXml> {
    if body.len() > BODY_MAX {
        return Err(NotFlatXml);
    }
    let text = std::str::from_utf8(body).map_err(|_| NotFlatXml)?;
    let mut reader = quick_xml::Reader::from_str(text);
    let mut fields = BTreeMap::new();
    let mut open: Vec<(String, String)> = Vec::new();
    let mut roots = 0;
    loop {
        match reader.read_event().map_err(|_| NotFlatXml)? {
            Event::Start(start) => {
                let name = start.name().as_ref().to_owned();
                roots += u32::from(open.is_empty());
                if open.len() > 1 || roots > 1 || (open.is_empty() && name != "xml") {
                    return Err(NotFlatXml);
                }
                open.push((name, String::new()));
            }
            Event::Empty(empty) if open.len() == 1 => {
                fields.insert(empty.name().as_ref().to_owned(), String::new());
            }
            Event::End(_) => {
                let (name, value) = open.pop().ok_or(NotFlatXml)?;
                if open.len() == 1 && fields.insert(name, value).is_some() {
                    return Err(NotFlatXml);
                }
            }
            Event::Text(piece) => append(&mut open, &piece)?,
            Event::CData(piece) => append(&mut open, &piece)?,
            Event::GeneralRef(reference) => {
                let character = match reference.resolve_char_ref().map_err(|_| NotFlatXml)? {
                    Some(character) => character.to_string(),
                    None => predefined(&reference)?.to_owned(),
                };
                append(&mut open, &character)?;
            }
            Event::Decl(_) | Event::Comment(_) => {}
            Event::Eof => break,
            Event::Empty(_) | Event::DocType(_) | Event::PI(_) => return Err(NotFlatXml),
        }
    }
    if !open.is_empty() || roots != 1 {
        return Err(NotFlatXml);
    }
    Ok(fields)
}

/// Writes the fields in order of name.
pub(crate) fn write(fields: &BTreeMap<String, String>) -> Vec<u8> {
    let mut xml = String::from("<xml>");
    for (name, value) in fields {
        let value = value.replace("]]>", "]]]]><![CDATA[>");
        xml.push_str(&format!("<{name}><![CDATA[{value}]]></{name}>\n"));
    }
    xml.push_str("</xml>");
    xml.into_bytes()
}

/// Text belongs to a field; between fields only white space may stand.
fn append(open: &mut [(String, String)], piece: &str) -> Result<(), NotFlatXml> {
    match open {
        [_, (_, value)] => value.push_str(piece),
        _ if piece.trim().is_empty() => {}
        _ => return Err(NotFlatXml),
    }
    Ok(())
}

fn predefined(name: &str) -> Result<&'static str, NotFlatXml> {
    match name {
        "amp" => Ok("&"),
        "lt" => Ok("<"),
        "gt" => Ok(">"),
        "quot" => Ok("\""),
        "apos" => Ok("'"),
        _ => Err(NotFlatXml),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_messages_are_read() {
        let fields =
            read(b"<?xml version=\"1.0\"?>\n<xml> <a><![CDATA[1<2]]></a><b>x &amp; &#121;</b>\n<c/></xml>\n")
                .unwrap();

        assert_eq!(fields["a"], "1<2");
        assert_eq!(fields["b"], "x & y");
        assert_eq!(fields["c"], "");
    }

    #[test]
    fn anything_else_is_refused() {
        for wrong in [
            "",
            "no xml",
            "<foo><a>1</a></foo>",
            "<xml><a><b>1</b></a></xml>",
            "<xml><a>1</a><a>2</a></xml>",
            "<xml><a>1</a>",
            "<xml><a>1</a></xml><xml></xml>",
            "<xml>loose</xml>",
            "<xml><a>&unknown;</a></xml>",
            include_str!("../../vectors/php_invalid_xxe.xml"),
            "<!DOCTYPE xml [<!ENTITY a \"b\">]><xml><a>&a;</a></xml>",
        ] {
            assert_eq!(read(wrong.as_bytes()), Err(NotFlatXml), "{wrong}");
        }
        assert_eq!(read(&vec![b' '; BODY_MAX + 1]), Err(NotFlatXml), "too long");
    }

    #[test]
    fn what_is_written_reads_back() {
        let fields =
            BTreeMap::from([("a".to_owned(), "]]> & <x> 小张".to_owned()), ("b".to_owned(), String::new())]);

        assert_eq!(read(&write(&fields)), Ok(fields));
    }
}
