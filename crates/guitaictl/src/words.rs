//! What only the command line says, in both languages. The letter `C` is the command line's.

use guitai_app::view::{HealthLevel, Language, MessageView, MethodView, SaleStateView};

fn say(code: &str, zh: impl Into<String>, en: impl Into<String>) -> MessageView {
    MessageView { code: code.to_owned(), zh: zh.into(), en: en.into() }
}

/// A message in one language.
pub fn in_language(message: &MessageView, language: Language) -> &str {
    match language {
        Language::Chinese => &message.zh,
        Language::English => &message.en,
    }
}

pub fn unexpected(error: &std::io::Error) -> MessageView {
    say("C-01", format!("意外错误：{error}"), format!("Something unexpected: {error}"))
}

pub fn not_understood() -> MessageView {
    say("C-02", "命令写得不对，请看 --help", "The command is not understood; see --help")
}

pub fn unreadable_file(path: &std::path::Path, error: &std::io::Error) -> MessageView {
    let path = path.display();
    say("C-03", format!("文件读不了：{path}（{error}）"), format!("{path} cannot be read: {error}"))
}

pub fn file_exists(path: &std::path::Path) -> MessageView {
    let path = path.display();
    say("C-04", format!("{path} 已存在，未备份"), format!("{path} exists already; no backup was made"))
}

pub fn training_needs_no_settings() -> MessageView {
    say(
        "C-05",
        "培训模式用自带的模拟平台，不需要支付设置。未改动",
        "Training uses its own provider and needs no payment settings. Nothing was changed",
    )
}

pub fn no_training_wallet_here() -> MessageView {
    say(
        "C-06",
        "培训钱包只在 --training 且不用 --sandbox 时可用；模拟服务器的钱包在 <URL>/wallet",
        "The trainee's wallet is there with --training and without --sandbox; a server's wallet is at <URL>/wallet",
    )
}

pub fn nobody_to_ask() -> MessageView {
    say(
        "C-07",
        "还没有支付设置，无法查询未确认的付款。不要再次收款",
        "There are no payment settings, so nobody can be asked about the payments in doubt. Do not charge again",
    )
}

pub fn in_doubt() -> MessageView {
    say(
        "C-10",
        "结果未确认，可能已扣款。不要再次收款，请运行 guitaictl resolve",
        "The result is not known; the money may have moved. Do not charge again; run guitaictl resolve",
    )
}

pub fn interrupted() -> MessageView {
    say(
        "C-11",
        "已中断，不再等待。这笔付款已记录，请运行 guitaictl resolve 查清结果",
        "Interrupted. The payment is on record; run guitaictl resolve to learn its result",
    )
}

pub fn sound(entries: u64) -> MessageView {
    say(
        "C-20",
        format!("账本 {entries} 条，链完整；明细表与账本一致；数据文件完好"),
        format!(
            "{entries} entries, the chain is whole; the tables agree with the journal; the file is sound"
        ),
    )
}

pub fn chain_broken(seq: u64) -> MessageView {
    say(
        "C-21",
        format!("账本从第 {seq} 条起被改动或缺失，请停止使用并联系支持"),
        format!("The journal was altered or cut at entry {seq}; stop using it and call support"),
    )
}

pub fn tables_differ() -> MessageView {
    say(
        "C-22",
        "明细表与账本不一致；账本完整时可运行 guitaictl rebuild",
        "The tables differ from the journal; where the journal is whole, run guitaictl rebuild",
    )
}

pub fn rebuilt(entries: u64) -> MessageView {
    say(
        "C-23",
        format!("已按账本 {entries} 条重建明细表"),
        format!("The tables were made anew from {entries} entries"),
    )
}

pub fn backed_up(path: &std::path::Path, entries: u64) -> MessageView {
    let path = path.display();
    say(
        "C-24",
        format!("已备份到 {path}，{entries} 条，已核对"),
        format!("Copied to {path}: {entries} entries, checked"),
    )
}

pub fn file_differs(finding: &guitai_db::Finding) -> MessageView {
    say(
        "C-26",
        format!("数据文件与程序写入的不符（{finding}），请停止使用并联系支持"),
        format!("The file is not what the program wrote ({finding}); stop using it and call support"),
    )
}

pub fn restored_whole(last: u64, done: bool) -> MessageView {
    let (zh, en) = if done { ("已恢复", "Restored") } else { ("可以恢复", "Can be restored") };
    say(
        "C-27",
        format!("{zh}到第 {last} 条，没有缺失"),
        format!("{en} up to entry {last}; nothing is missing"),
    )
}

pub fn restored_with_gap(missing: u64, done: bool) -> MessageView {
    let (zh, en) = if done { ("已恢复", "Restored") } else { ("可以恢复", "Can be restored") };
    say(
        "C-28",
        format!("{zh}，但约缺 {missing} 条记录。请核对支付平台这段时间的账单"),
        format!("{en}, but about {missing} entries are missing. Check the provider's bill for that time"),
    )
}

pub fn restored_unwitnessed(last: u64, done: bool) -> MessageView {
    let (zh, en) = if done { ("已恢复", "Restored") } else { ("可以恢复", "Can be restored") };
    say(
        "C-29",
        format!("{zh}到第 {last} 条。之后是否还有记录无从得知，请核对支付平台的账单"),
        format!("{en} up to entry {last}. Whether there were more is not known; check the provider's bill"),
    )
}

pub fn adopted() -> MessageView {
    say(
        "C-30",
        "本机已接管这台收银机的数据。原来那台请不要再用",
        "This computer has taken the till over. Do not use the old one any more",
    )
}

pub fn evidence_made(path: &std::path::Path) -> MessageView {
    let path = path.display();
    say(
        "C-31",
        format!("凭证已导出到 {path}；核对：python3 docs/check_evidence.py {path}"),
        format!("The evidence is in {path}; to check it: python3 docs/check_evidence.py {path}"),
    )
}

pub fn evidence_exists(path: &std::path::Path) -> MessageView {
    let path = path.display();
    say("C-32", format!("{path} 已存在，未导出"), format!("{path} exists already; nothing was written"))
}

pub fn unwritable_file(path: &std::path::Path, error: &std::io::Error) -> MessageView {
    let path = path.display();
    say("C-33", format!("文件写不了：{path}（{error}）"), format!("{path} cannot be written: {error}"))
}

/// A time for people and logs, UTC; empty where there is none.
pub fn utc_time(at: Option<guitai_domain::Timestamp>) -> String {
    at.map(guitai_app::folder::backups::utc_text).unwrap_or_default()
}

pub fn paid_late() -> MessageView {
    say(
        "C-34",
        "平台已收款，但当时没有等到结果。请运行 guitaictl book 入账，或 guitaictl give-back 退回",
        "The provider has the money, but nobody waited for it any more. Run guitaictl book, or guitaictl give-back",
    )
}

pub fn given_up() -> MessageView {
    say("C-35", "已放弃，未收款", "Given up; nothing was charged")
}

pub fn result_not_printed() -> MessageView {
    say(
        "C-40",
        "已经办完，但结果打印不出来（输出已满或已关闭）。以退出码为准，可用 history 查看",
        "It is done, but the result cannot be printed (the output is full or closed). The exit code stands; history shows it",
    )
}

/// What went wrong after the request may have left.
pub fn followed_no_further(cause: &MessageView) -> MessageView {
    say(
        "C-41",
        format!("请求可能已经发出，结果没有跟到（{}）。不要再次收款，请运行 resolve", cause.zh),
        format!(
            "The request may have left, and its result could not be followed ({}). Do not charge again; run resolve",
            cause.en
        ),
    )
}

pub fn pin_wanted() -> MessageView {
    say(
        "C-38",
        "这一步要店长密码：放在环境变量 GUITAI_PIN 里，或从标准输入给出",
        "This needs the manager's PIN: in the environment variable GUITAI_PIN, or on standard input",
    )
}

pub fn pin_set() -> MessageView {
    say("C-36", "店长密码已设置，并记入账本", "The manager's PIN is set; the journal says so")
}

pub fn clock_confirmed() -> MessageView {
    say("C-37", "已按电脑时间继续", "The till goes by the computer's clock")
}

pub fn nothing_in_doubt() -> MessageView {
    say("C-25", "没有未确认的付款", "No payment is in doubt")
}

pub fn method(method: MethodView, language: Language) -> &'static str {
    match (method, language) {
        (MethodView::Cash, Language::Chinese) => "现金",
        (MethodView::Cash, Language::English) => "cash",
        (MethodView::WechatPay, Language::Chinese) => "微信支付",
        (MethodView::WechatPay, Language::English) => "WeChat Pay",
        (MethodView::Alipay, Language::Chinese) => "支付宝",
        (MethodView::Alipay, Language::English) => "Alipay",
        (MethodView::UnionPay, Language::Chinese) => "云闪付",
        (MethodView::UnionPay, Language::English) => "UnionPay",
    }
}

pub fn sale_state(state: SaleStateView, language: Language) -> &'static str {
    match (state, language) {
        (SaleStateView::Open, Language::Chinese) => "未完成",
        (SaleStateView::Open, Language::English) => "open",
        (SaleStateView::Completed, Language::Chinese) => "已收款",
        (SaleStateView::Completed, Language::English) => "paid",
        (SaleStateView::InDoubt, Language::Chinese) => "未确认",
        (SaleStateView::InDoubt, Language::English) => "in doubt",
        (SaleStateView::Voided, Language::Chinese) => "已放弃",
        (SaleStateView::Voided, Language::English) => "given up",
    }
}

pub fn level(level: HealthLevel, language: Language) -> &'static str {
    match (level, language) {
        (HealthLevel::Good, Language::Chinese) => "正常",
        (HealthLevel::Good, Language::English) => "good",
        (HealthLevel::Warning, Language::Chinese) => "注意",
        (HealthLevel::Warning, Language::English) => "warning",
        (HealthLevel::Bad, Language::Chinese) => "异常",
        (HealthLevel::Bad, Language::English) => "bad",
    }
}
