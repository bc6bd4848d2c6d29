//! Words for the desk: what is in doubt, who may settle it, and the till's own troubles with time and disk.

use crate::view::{Doing, MessageView};

use super::say;

/// What the provider has said about a payment without a result that a person should know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum News {
    /// Its answers are about another amount than was asked for.
    OtherAmount,
    /// It was paid, and given back since, in part or whole, on the provider's own pages.
    Refunded,
    /// It does not take this till's settings.
    SettingsRefused,
}

fn news_words(news: News) -> MessageView {
    match news {
        News::OtherAmount => say(
            "W-31",
            "平台对这笔回答过另一个金额。柜台不按那个金额入账；请店长到商户平台查看，勿重复收款",
            "The provider has answered with another amount for this payment. The till books nothing of that; a manager should look \
             at the provider's pages. Do not charge again",
        ),
        News::Refunded => say(
            "W-28",
            "平台说这笔已收款，之后在商户平台退过款，退了多少本机不知道。请店长查清后在这里处理",
            "The provider says that this was paid and refunded since on its own pages; how much, the till does not know. A \
             manager should look and settle it here",
        ),
        News::SettingsRefused => say(
            "W-29",
            "平台不认本机的支付设置，这笔有没有付还不知道。勿重复收款，请店长到“设置”里测试",
            "The provider does not take this till's settings, and whether this was paid is not known. Do not charge again; a \
             manager should test the settings",
        ),
    }
}

/// What is being done about a payment on the desk, and what it means for the money. `contradicted` is the provider's word against
/// a result that was settled.
pub(crate) fn on_desk(doing: Doing, news: Option<News>, contradicted: Option<&str>) -> MessageView {
    if let (Some(news), false) = (news, doing == Doing::Contradicted) {
        return news_words(news);
    }
    match doing {
        Doing::Querying => say(
            "W-20",
            "结果未确认，柜台正在自动查询。顾客请勿重复付款",
            "Not confirmed; the till is asking the provider. The customer should not pay again",
        ),
        Doing::AwaitingPayer => say(
            "W-21",
            "等待顾客输入密码，超时后柜台会请平台撤销",
            "Waiting for the customer's password; when the time is over the till asks to take it back",
        ),
        Doing::Reversing => say(
            "W-22",
            "已请平台撤销，还没有确认。平台确认前不要放货，也不要说钱已退回",
            "The provider has been asked to take it back and has not confirmed yet. Until it does, hand nothing out and do not say \
             that the money is back",
        ),
        Doing::WaitingForLine => say(
            "W-23",
            "网络断开，恢复后自动查询。请勿重复收款",
            "No network; the till asks as soon as it is back. Do not charge again",
        ),
        Doing::Unresolved => say(
            "W-24",
            "平台期限内没有结果。请店长到商户平台查清后在这里处理",
            "No result within the provider's time. A manager should look at the provider's pages and settle it here",
        ),
        Doing::PaidLate => say(
            "W-25",
            "平台已收款，但当时收银员没有等到结果。请选择入账或退回",
            "The provider has the money, but nobody waited for it any more. Book it or give it back",
        ),
        Doing::Contradicted => say(
            "W-26",
            format!(
                "平台的结果（{}）与本机记录不一致。请店长到商户平台查清并记录处理结果",
                word_zh(contradicted)
            ),
            format!(
                "The provider's word ({}) differs from the till's record. A manager should look and note what was done",
                contradicted.unwrap_or("?")
            ),
        ),
    }
}

fn word_zh(word: Option<&str>) -> &'static str {
    match word {
        Some("paid") => "已收款",
        Some("reverse_too_late") => "已收款，不能撤销",
        Some("reversed") => "已撤销",
        Some("closed") => "已关闭",
        Some("unpaid") => "未付款",
        Some("refunded") => "已收款，之后退过款",
        Some("other_amount") => "另一个金额",
        Some(_) | None => "未收款",
    }
}

pub(crate) fn settled_unpaid() -> MessageView {
    say(
        "W-19",
        "店长已按未收款处理。可以再扫一次，或收现金（F7）",
        "Settled by a manager as not paid. Scan again, or take cash (F7)",
    )
}

pub(crate) fn not_on_desk() -> MessageView {
    say("W-08", "这笔付款已有结果，不在待确认里", "This payment is settled; it is not on the desk any more")
}

pub(crate) fn sale_over() -> MessageView {
    say("S-09", "这笔已收款或已放弃，不能再放弃", "That sale is paid or given up already")
}

pub(crate) fn counter_busy() -> MessageView {
    say("W-09", "柜台上还有一笔，先完成或挂起", "The counter is busy; finish that sale or set it aside first")
}

pub(crate) fn managers_only() -> MessageView {
    say("M-01", "这一步要店长密码", "This needs the manager's PIN")
}

pub(crate) fn reason_wanted() -> MessageView {
    say("M-02", "请写明原因，4 到 200 个字", "Give a reason of 4 to 200 characters")
}

pub(crate) fn pin_wrong(wait_ms: i64) -> MessageView {
    match wait_ms / 1_000 {
        0 => say("M-03", "店长密码不对", "That is not the manager's PIN"),
        seconds => say(
            "M-03",
            format!("店长密码不对，{seconds} 秒后才能再试"),
            format!("That is not the manager's PIN; try again in {seconds} s"),
        ),
    }
}

pub(crate) fn pin_wait(wait_ms: i64) -> MessageView {
    let seconds = wait_ms / 1_000 + 1;
    say(
        "M-04",
        format!("密码错误次数太多，{seconds} 秒后才能再试"),
        format!("Too many wrong PINs; try again in {seconds} s"),
    )
}

pub(crate) fn pin_missing() -> MessageView {
    say(
        "M-05",
        "还没有设置店长密码，请先到“设置”里设置",
        "No manager's PIN is set; set one in Settings first",
    )
}

pub(crate) fn pin_malformed() -> MessageView {
    say(
        "M-06",
        "店长密码应为 6 到 12 位数字，不能是同一个数字或连号",
        "A manager's PIN is 6 to 12 digits, not all the same and not in a row",
    )
}

pub(crate) fn pin_file_lost() -> MessageView {
    say(
        "M-07",
        "店长密码文件丢失或损坏，请用 guitaictl pin --lost 和商户设置文件重新设置",
        "The file with the manager's PIN is lost or damaged; set it anew with guitaictl pin --lost and the merchant's settings file",
    )
}

/// Where the money goes from here on.
pub(crate) fn provider_changed(merchant: &str, before: Option<&str>, by: &str) -> MessageView {
    let (zh_by, en_by) = match by {
        "manager" => ("店长更改", "changed by a manager"),
        "set_up" => ("首次设置", "first set-up"),
        "kept" => ("没有换成，仍是这个商户", "not changed after all"),
        _ => ("启动时发现，不是在柜台里改的", "found at the start, not changed in the till"),
    };
    let (zh_before, en_before) = match before {
        Some(before) => (format!("{before} → "), format!("{before} → ")),
        None => Default::default(),
    };
    say(
        "M-10",
        format!("收款商户：{zh_before}{merchant}（{zh_by}）"),
        format!("Merchant: {en_before}{merchant} ({en_by})"),
    )
}

/// The merchant is another than the one this till was left with.
pub(crate) fn other_merchant_found(merchant: &str, before: &str) -> MessageView {
    say(
        "M-11",
        format!("收款商户与上次不同：{before} → {merchant}，不是在柜台里改的。请店长马上核对，之前先收现金"),
        format!(
            "The merchant is another than before: {before} → {merchant}, and was not changed in the till. A manager should check \
             at once; take cash until then"
        ),
    )
}

pub(crate) fn not_the_owner() -> MessageView {
    say(
        "M-12",
        "这不是本机正在使用的商户的设置文件，店长密码没有改动",
        "This is not the settings file of the merchant in use; the PIN was not changed",
    )
}

pub(crate) fn pin_set_first() -> MessageView {
    say(
        "M-09",
        "更改收款商户要店长密码，还没有设置：请店长先到“设置”里设置密码",
        "Changing where the money goes takes the manager's PIN, and none is set: set one in Settings first",
    )
}

pub(crate) fn clock_doubted(ahead_ms: i64) -> MessageView {
    let (zh, en) = match ahead_ms {
        0.. => ("快", "ahead"),
        _ => ("慢", "behind"),
    };
    let (zh_much, en_much) = duration(ahead_ms.saturating_abs());
    say(
        "T-01",
        format!("电脑时钟比柜台{zh}了{zh_much}，营业日和账目按柜台自己的时间。请校准电脑时间，或由店长确认"),
        format!(
            "The computer's clock is {en_much} {en}; the till goes by its own time. Set the clock, or let a manager confirm it"
        ),
    )
}

/// A length of time in words, to the minute.
pub(crate) fn duration(ms: i64) -> (String, String) {
    let minutes = ms / 60_000;
    match minutes {
        0..=119 => (format!("{minutes} 分钟"), format!("{minutes} min")),
        120..=2_879 => (format!("{} 小时", minutes / 60), format!("{} h", minutes / 60)),
        _ => (format!("{} 天", minutes / 1_440), format!("{} days", minutes / 1_440)),
    }
}

pub(crate) fn no_time() -> MessageView {
    say(
        "T-02",
        "电脑日期不对，还不能开始收款。请先校准电脑时间，联网后自动继续，或由店长确认",
        "The computer's date is wrong; no sale can begin. Set the clock; with a network the till goes on by itself, or a \
         manager confirms it",
    )
}

pub(crate) fn clock_impossible() -> MessageView {
    say(
        "T-03",
        "电脑时间早于本软件的发布日期，不可能正确。请先校准",
        "The computer's time is before this program was made; it cannot be right. Set it first",
    )
}

/// The provider's clock is so far ahead.
pub(crate) fn clock_apart(offset_ms: i64) -> MessageView {
    let (zh, en) = match offset_ms {
        0.. => ("慢", "behind"),
        _ => ("快", "ahead of"),
    };
    let (zh_much, en_much) = duration(offset_ms.saturating_abs());
    say(
        "T-04",
        format!("电脑时钟比支付平台{zh}了{zh_much}，扫码可能被拒，营业日也可能不对。请校准电脑时间"),
        format!(
            "The computer's clock is {en_much} {en} the provider's: codes may be refused, and the business day may be \
             wrong. Set the clock"
        ),
    )
}

pub(crate) fn disk_filling() -> MessageView {
    say("D-40", "磁盘空间不足 2 GB，请尽快清理", "Less than 2 GB of disk space left; free some soon")
}

pub(crate) fn disk_too_full() -> MessageView {
    say(
        "D-41",
        "磁盘空间不足 500 MB，为保证记账已停止扫码收款。可收现金（F7），请马上清理磁盘",
        "Less than 500 MB of disk space left: codes are not charged, so that all stays recorded. Take cash (F7) and free space",
    )
}
