//! What a scanner sends and what a cashier types.

use guitai_domain::{Fen, PaymentCode, PaymentId, ReceiptNo, SaleId, Scan, TillId};

/// One text, read as everything that can be scanned or typed.
pub fn scans(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let scan = Scan::recognise(&text);
    match (&scan, PaymentCode::recognise(&text)) {
        (Scan::Payment(code), Some(_)) => {
            assert_eq!(code.reveal(), text, "a code is the whole text");
            assert_eq!(code.last_digits(), text[text.len() - 4..]);
            assert!(!format!("{scan:?}").contains(&text[..12]), "it never prints");
        }
        (Scan::Receipt(_) | Scan::Goods | Scan::Incomplete | Scan::Unknown, None) => {}
        (_, code) => panic!("{scan:?} against {code:?}"),
    }
    if let Ok(amount) = Fen::from_yuan(&text) {
        assert!(Fen::ZERO < amount && amount <= Fen::SALE_MAX);
        assert_eq!(Fen::from_yuan(&amount.to_string()), Ok(amount), "what is shown reads back");
    }
    if let Some(receipt) = ReceiptNo::parse(&text) {
        assert_eq!(receipt.to_string(), text);
    }
    if let Ok(payment) = PaymentId::parse(&text) {
        assert_eq!(payment.as_str(), text);
    }
    let _ = (SaleId::parse(&text), TillId::parse(&text));
}
