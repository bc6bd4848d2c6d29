//! A journal entry in words, for a sale's timeline.

use guitai_db::{Entry, Fact};
use guitai_domain::{Fen, ShopClock};

use crate::view::{DetailView, MessageView, TimelineView};
use crate::words::{self, say};

/// One entry as the timeline shows it.
pub(crate) fn view(entry: &Entry, clock: &ShopClock) -> TimelineView {
    let (title, details) = words_of(&entry.fact, clock);
    TimelineView {
        seq: u32::try_from(entry.seq).unwrap_or(u32::MAX),
        time: format!("{}.{:03}", clock.date_time_text(entry.at), entry.at.0.rem_euclid(1_000)),
        title,
        details: details
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| {
                let said = (name == "device").then(|| words::device(&value));
                DetailView { name: name.to_owned(), value, said }
            })
            .collect(),
        hash: hex::encode(&entry.hash[..6]),
    }
}

type Details = Vec<(&'static str, String)>;

fn words_of(fact: &Fact, clock: &ShopClock) -> (MessageView, Details) {
    match fact {
        Fact::TillStarted { version } => {
            (say("till.started", "程序启动", "Program started"), vec![("version", version.clone())])
        }
        Fact::TillEpochStarted { epoch, why, missing_from, missing_to, .. } => (
            say("till.epoch_started", "数据来源变更，启用新编号", "The till goes on in a new epoch"),
            vec![
                ("epoch", epoch.clone()),
                ("why", why.clone()),
                ("missing_from", missing_from.map(|seq| seq.to_string()).unwrap_or_default()),
                ("missing_to", missing_to.map(|seq| seq.to_string()).unwrap_or_default()),
            ],
        ),
        Fact::SettingChanged { name, value } => (
            say("setting.changed", "设置更改", "Setting changed"),
            vec![("name", name.clone()), ("value", value.clone())],
        ),
        Fact::SaleOpened { amount_fen, business_date, .. } => (
            say("sale.opened", "金额确定", "Amount stands"),
            vec![("amount", Fen(*amount_fen).to_string()), ("business_date", business_date.clone())],
        ),
        Fact::SaleVoided { .. } => (say("sale.voided", "放弃，未收款", "Given up, not charged"), vec![]),
        Fact::SaleCompleted { method, receipt_no, given_fen, change_fen, .. } => (
            say("sale.completed", "收款完成", "Paid"),
            vec![
                ("method", method.clone()),
                ("receipt_no", receipt_no.clone()),
                ("given", given_fen.map(|fen| Fen(fen).to_string()).unwrap_or_default()),
                ("change", change_fen.map(|fen| Fen(fen).to_string()).unwrap_or_default()),
            ],
        ),
        Fact::PaymentCreated { payment, method, amount_fen, last_digits, device, .. } => (
            say("payment.created", "建立付款", "Payment made up"),
            vec![
                ("payment", payment.clone()),
                ("method", method.clone()),
                ("amount", Fen(*amount_fen).to_string()),
                ("code", format!("***{last_digits}")),
                ("device", device.clone()),
            ],
        ),
        Fact::PaymentMoved { state, by, provider_ref, .. } => (
            state_words(&state.name),
            vec![
                ("by", by.clone()),
                ("reason", state.reason.clone().unwrap_or_default()),
                ("provider_ref", provider_ref.clone().unwrap_or_default()),
            ],
        ),
        Fact::ProviderAnswered { answer, .. } => (
            say(
                "provider.answered",
                format!("平台应答（{}）", verb_zh(&answer.verb)),
                format!("Provider answered ({})", answer.verb),
            ),
            vec![
                ("heard", answer.heard.clone()),
                (
                    "asked_at",
                    format!(
                        "{}.{:03}",
                        clock.time_text(guitai_domain::Timestamp(answer.asked_at_ms)),
                        answer.asked_at_ms.rem_euclid(1_000)
                    ),
                ),
                ("took_ms", answer.took_ms.to_string()),
                ("status", if answer.status == 0 { String::new() } else { answer.status.to_string() }),
                ("provider_code", answer.provider_code.clone().unwrap_or_default()),
                ("request_id", answer.request_id.clone().unwrap_or_default()),
                ("disbelief", answer.disbelief.clone().unwrap_or_default()),
            ],
        ),
        Fact::PaymentContradicted { state, word, .. } => (
            say("payment.contradicted", "平台结果与记录不一致", "The provider contradicts the record"),
            vec![("state", state.clone()), ("word", word.clone())],
        ),
        Fact::PaymentSetAside { .. } => (
            say("payment.set_aside", "收银员挂起，继续自动查询", "Set aside; the till goes on asking"),
            vec![],
        ),
        Fact::PaymentTakenUp { .. } => {
            (say("payment.taken_up", "收银员取回等待", "Taken up again by the cashier"), vec![])
        }
        Fact::PaymentSettled { paid, reason, .. } => (
            match paid {
                true => say("payment.settled", "店长认定已收款", "A manager says that it is paid"),
                false => say("payment.settled", "店长认定未收款", "A manager says that it is not paid"),
            },
            vec![("reason", reason.clone())],
        ),
        Fact::PaymentReviewed { reason, .. } => (
            say("payment.reviewed", "店长已核对平台结果", "A manager has looked at the provider's word"),
            vec![("reason", reason.clone())],
        ),
        Fact::ProviderChanged { merchant, before, by, .. } => {
            (words::provider_changed(merchant, before.as_deref(), by), vec![])
        }
        Fact::ManagerPinSet {} => (say("manager.pin_set", "店长密码已设置", "Manager's PIN set"), vec![]),
        Fact::ManagerMissed {} => (say("manager.missed", "店长密码输错", "Wrong manager's PIN"), vec![]),
        Fact::ManagerRecognised {} => {
            (say("manager.recognised", "店长密码正确", "Manager's PIN right again"), vec![])
        }
        Fact::ClockDoubted { ahead_ms } => (
            say("clock.doubted", "电脑时钟不可信，按柜台自己的时间", "The computer's clock is doubted"),
            vec![("ahead_ms", ahead_ms.to_string())],
        ),
        Fact::ClockBelieved { by, moved_ms } => (
            say("clock.believed", "时间已确认", "The time is vouched for"),
            vec![("by", by.clone()), ("moved_ms", moved_ms.to_string())],
        ),
        Fact::ReceiptReprinted { copy, .. } => {
            (say("receipt.reprinted", "补打小票", "Receipt printed again"), vec![("copy", copy.to_string())])
        }
    }
}

/// A payment state in a few words.
pub(crate) fn state_words(name: &str) -> MessageView {
    let (zh, en) = match name {
        "sent" => ("请求发出", "Request sent"),
        "awaiting_payer" => ("等待顾客输入密码", "Customer must type a password"),
        "in_doubt" => ("结果未确认", "Result not known"),
        "reversing" => ("请平台撤销", "To be taken back"),
        "unresolved" => ("平台期限已过，待店长处理", "Unresolved; a manager must settle it"),
        "paid_late" => ("平台已收款，等待入账或退回", "Paid late; to be booked or given back"),
        "captured" => ("收款成功", "Captured"),
        "declined" => ("没有收款", "Not paid"),
        "not_sent" => ("请求没有发出，未扣款", "Never sent, not charged"),
        "reversed" => ("已撤销", "Reversed"),
        "settled_by_manager" => ("店长已处理", "Settled by a manager"),
        _ => ("状态改变", "State changed"),
    };
    say(&format!("payment.{name}"), zh, en)
}

fn verb_zh(verb: &str) -> &'static str {
    match verb {
        "pay" => "收款",
        "query" => "查询",
        _ => "撤销",
    }
}
