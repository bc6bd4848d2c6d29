//! Reading the fields of a v3 body, as strictly as the documentation is written.

use serde_json::Value;

/// A field that breaks its rule.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FieldError {
    pub(crate) field: String,
    pub(crate) value: Value,
    pub(crate) issue: String,
    pub(crate) location: &'static str,
}

impl FieldError {
    pub(crate) fn body(field: &str, value: &Value, issue: &str) -> FieldError {
        FieldError {
            field: field.to_owned(),
            value: value.clone(),
            issue: issue.to_owned(),
            location: "body",
        }
    }
}

/// A JSON object of a request.
pub(crate) struct Fields(Value);

impl Fields {
    /// Parses the body; only the named fields may appear at the top, no `null` and no character of four bytes anywhere.
    pub(crate) fn parse(body: &[u8], known: &[&str]) -> Result<Fields, FieldError> {
        let value: Value = serde_json::from_slice(body)
            .map_err(|_| FieldError::body("", &Value::Null, "the body is not JSON in UTF-8"))?;
        let Some(object) = value.as_object() else {
            return Err(FieldError::body("", &Value::Null, "the body is not an object"));
        };
        if let Some(name) = object.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(FieldError::body(&format!("/{name}"), &object[name], "unknown field"));
        }
        plain("", &value)?;
        Ok(Fields(value))
    }

    /// A required text of `min..=max` characters.
    pub(crate) fn text(&self, pointer: &str, min: usize, max: usize) -> Result<String, FieldError> {
        self.optional_text(pointer, min, max)?
            .ok_or_else(|| FieldError::body(pointer, &Value::Null, "required field is missing"))
    }

    /// A text of `min..=max` characters, if it is there.
    pub(crate) fn optional_text(
        &self,
        pointer: &str,
        min: usize,
        max: usize,
    ) -> Result<Option<String>, FieldError> {
        let Some(value) = self.0.pointer(pointer) else {
            return Ok(None);
        };
        let text = value.as_str().ok_or_else(|| FieldError::body(pointer, value, "not a string"))?;
        let length = text.chars().count();
        if !(min..=max).contains(&length) {
            return Err(FieldError::body(
                pointer,
                value,
                &format!("length {length} is not in {min}..={max}"),
            ));
        }
        Ok(Some(text.to_owned()))
    }

    /// A required whole number of at least `min`.
    pub(crate) fn whole(&self, pointer: &str, min: i64) -> Result<i64, FieldError> {
        let value = self
            .0
            .pointer(pointer)
            .ok_or_else(|| FieldError::body(pointer, &Value::Null, "required field is missing"))?;
        match value.as_i64() {
            Some(number) if number >= min => Ok(number),
            Some(_) => Err(FieldError::body(pointer, value, &format!("below {min}"))),
            None => Err(FieldError::body(pointer, value, "not a whole number")),
        }
    }

    /// Whether the field is there at all.
    pub(crate) fn has(&self, pointer: &str) -> bool {
        self.0.pointer(pointer).is_some()
    }

    /// The object as text; equal objects give equal text.
    pub(crate) fn canonical(&self) -> String {
        self.0.to_string()
    }
}

/// An order number: 6 to 32 of digits, letters and `_-*|`.
pub(crate) fn is_order_number(text: &str) -> bool {
    (6..=32).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-*|".contains(&byte))
}

/// A refund number: 1 to 64 of digits, letters and `_-*|@`.
pub(crate) fn is_refund_number(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-*|@".contains(&byte))
}

/// A payment code as the wallet prints it.
pub(crate) fn is_payment_code(text: &str) -> bool {
    text.len() == 18
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && text[..2].parse::<u32>().is_ok_and(|prefix| (10..=16).contains(&prefix))
}

fn plain(pointer: &str, value: &Value) -> Result<(), FieldError> {
    match value {
        Value::Null => Err(FieldError::body(pointer, value, "null is not a value")),
        Value::String(text) if text.chars().any(|c| c.len_utf8() > 3) => {
            Err(FieldError::body(pointer, value, "a character of four bytes"))
        }
        Value::String(_) | Value::Bool(_) | Value::Number(_) => Ok(()),
        Value::Array(items) => {
            items.iter().enumerate().try_for_each(|(at, item)| plain(&format!("{pointer}/{at}"), item))
        }
        Value::Object(members) => {
            members.iter().try_for_each(|(name, member)| plain(&format!("{pointer}/{name}"), member))
        }
    }
}
