//! The receipt (小票): 58 mm paper, 32 half-width columns, a Chinese character takes two.

use guitai_db::{Mode, PaymentRow, SaleRow};
use guitai_domain::{Method, ShopClock};

use crate::view::Language;

/// Columns on 58 mm paper (48 mm of print, 12 dots a column at 8 dots per mm).
pub(crate) const COLUMNS: usize = 32;

/// Everything a receipt shows.
pub(crate) struct Slip<'a> {
    pub shop_name: &'a str,
    pub till_name: &'a str,
    pub language: Language,
    pub mode: Mode,
    pub clock: &'a ShopClock,
    pub sale: &'a SaleRow,
    pub payment: Option<&'a PaymentRow>,
}

impl Slip<'_> {
    /// The lines, none wider than [`COLUMNS`]. Empty while the sale has no receipt.
    pub fn lines(&self) -> Vec<String> {
        let (Some(receipt_no), Some(at)) = (&self.sale.receipt_no, self.sale.completed_at) else {
            return Vec::new();
        };
        let zh = self.language == Language::Chinese;
        let word = |chinese: &'static str, english: &'static str| if zh { chinese } else { english };
        let mark =
            (self.mode == Mode::Training).then(|| centred(word("** 培训 不是收款凭证 **", "** TRAINING **")));
        let rule = "-".repeat(COLUMNS);
        let method = self.sale.method.unwrap_or(Method::Cash);

        let mut lines = Vec::new();
        lines.extend(mark.clone());
        lines.extend(wrapped(self.shop_name).iter().map(|line| centred(line)));
        if self.sale.reprints > 0 {
            lines.push(centred(word("** 补打 **", "** COPY **")));
        }
        lines.push(rule.clone());
        lines.extend(wrapped(&format!("{}: {receipt_no}", word("单号", "No."))));
        lines.extend(wrapped(&format!("{}: {}", word("收银台", "Till"), self.till_name)));
        lines.push(self.clock.date_time_text(at));
        lines.push(rule.clone());
        lines.push(spread(word("应收", "Total"), &format!("￥{}", self.sale.amount)));
        lines.push(spread(method_word(method, zh), &format!("￥{}", self.sale.amount)));
        if let (Some(given), Some(change)) = (self.sale.given, self.sale.change) {
            lines.push(spread(word("实收", "Given"), &format!("￥{given}")));
            lines.push(spread(word("找零", "Change"), &format!("￥{change}")));
        }
        if let Some(payment) = self.payment {
            lines.push(word("商户单号", "Our number").to_owned());
            lines.extend(wrapped(payment.id.as_str()));
            if let Some(reference) = &payment.provider_ref {
                lines.push(word("支付单号", "Provider's number").to_owned());
                lines.extend(wrapped(reference));
            }
        }
        lines.push(rule);
        lines.push(centred(word("谢谢惠顾", "Thank you")));
        lines.extend(mark);
        lines
    }
}

fn method_word(method: Method, zh: bool) -> &'static str {
    match (method, zh) {
        (Method::Cash, true) => "现金",
        (Method::Cash, false) => "Cash",
        (Method::WechatPay, true) => "微信支付",
        (Method::WechatPay, false) => "WeChat Pay",
        (Method::Alipay, true) => "支付宝",
        (Method::Alipay, false) => "Alipay",
        (Method::UnionPay, true) => "云闪付",
        (Method::UnionPay, false) => "UnionPay",
    }
}

/// How many columns a text takes: what is not plain ASCII takes two on a Chinese printer.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(|character| if character.is_ascii() { 1 } else { 2 }).sum()
}

fn centred(text: &str) -> String {
    format!("{}{text}", " ".repeat(COLUMNS.saturating_sub(width(text)) / 2))
}

fn spread(left: &str, right: &str) -> String {
    let gap = COLUMNS.saturating_sub(width(left) + width(right)).max(1);
    format!("{left}{}{right}", " ".repeat(gap))
}

fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for character in text.chars() {
        let columns = if character.is_ascii() { 1 } else { 2 };
        if used + columns > COLUMNS {
            lines.push(String::new());
            used = 0;
        }
        used += columns;
        if let Some(line) = lines.last_mut() {
            line.push(character);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_paper_and_nothing_is_lost(text in "[a-z一-龥 ]{0,80}") {
            let lines = wrapped(&text);

            prop_assert!(lines.iter().all(|line| width(line) <= COLUMNS));
            prop_assert_eq!(lines.concat(), text);
        }
    }

    #[test]
    fn a_label_and_its_amount_fill_the_line() {
        assert_eq!(width(&spread("应收", "￥128.50")), COLUMNS);
    }
}
