//! What the till says when something is not as it should be: what happened, what it means for the money, what to do.
//!
//! Both languages stand side by side, so that neither is forgotten. The code is for the telephone: its letter names
//! the part (`A` amount, `S` scan, `W` payment, `O` offline, `D` disk, `K` settings, `H` health, `G` general).

use guitai_connectors::{SettingsError, SettingsFault};
use guitai_db::{Damage, OpenError, WriteError};
use guitai_domain::payment::{Reason, Refusal};
use guitai_domain::{AmountError, Scan};

use crate::view::MessageView;

mod desk;
mod devices;

pub(crate) use desk::*;
pub(crate) use devices::*;

/// A message from its code and both wordings.
pub(crate) fn say(code: &str, zh: impl Into<String>, en: impl Into<String>) -> MessageView {
    MessageView { code: code.to_owned(), zh: zh.into(), en: en.into() }
}

pub(crate) fn amount(error: AmountError) -> MessageView {
    match error {
        AmountError::Empty => say("A-01", "请先输入金额", "Enter an amount first"),
        AmountError::NotANumber => {
            say("A-02", "金额只能是数字和一个小数点", "An amount is digits and one point")
        }
        AmountError::TooFine => say("A-03", "金额最多两位小数", "At most two digits after the point"),
        AmountError::TooLarge => {
            say("A-04", "单笔金额不能超过 999999.99 元", "One sale is at most 999,999.99 yuan")
        }
        AmountError::Zero => say("A-05", "金额不能为零", "The amount is zero"),
    }
}

pub(crate) fn leading_zero() -> MessageView {
    say("A-06", "金额不能以多个零开头", "An amount does not start with two zeros")
}

pub(crate) fn not_enough_cash() -> MessageView {
    say("A-07", "实收少于应收，请重新输入", "Less than the amount due; enter what was given")
}

pub(crate) fn inside() -> MessageView {
    say(
        "G-99",
        "程序内部出错，请重新启动柜台。已记录的账不会丢",
        "Something went wrong inside; start Guitai again. Nothing recorded is lost",
    )
}

pub(crate) fn key_not_now() -> MessageView {
    say("G-01", "现在不能按这个键", "This key does nothing here")
}

pub(crate) fn scan_without_amount() -> MessageView {
    say("S-01", "请先输入金额，再扫付款码。未收款", "Enter the amount before scanning. Nothing was charged")
}

pub(crate) fn scan_incomplete() -> MessageView {
    say("S-02", "付款码不完整，请再扫一次。未收款", "The code is incomplete; scan again. Nothing was charged")
}

pub(crate) fn scan_goods() -> MessageView {
    say(
        "S-03",
        "这是商品条码，不是付款码。未收款",
        "This is a goods bar code, not a payment code. Nothing was charged",
    )
}

pub(crate) fn scan_unknown() -> MessageView {
    say(
        "S-04",
        "这不是付款码。请顾客打开付款码再扫。未收款",
        "This is not a payment code. Ask the customer to open the payment code. Nothing was charged",
    )
}

pub(crate) fn scan_used() -> MessageView {
    say(
        "S-05",
        "这个付款码刚用过，请顾客刷新后再扫。未重复收款",
        "This code was just used; ask the customer to refresh it. Not charged again",
    )
}

pub(crate) fn scan_again_ignored() -> MessageView {
    say("S-06", "正在处理这个付款码", "This code is being dealt with")
}

pub(crate) fn scan_while_open() -> MessageView {
    say(
        "S-07",
        "上一笔结果未确认，现在不能再扫。没有新的收款",
        "The last payment is not settled; no new code now. Nothing new was charged",
    )
}

/// What a scan is that is no payment code.
pub(crate) fn not_a_payment_code(scan: &Scan, text: &str) -> MessageView {
    match scan {
        Scan::Goods => scan_goods(),
        Scan::Incomplete => scan_incomplete(),
        Scan::Unknown if text.is_empty() => scan_incomplete(),
        Scan::Unknown | Scan::Receipt(_) | Scan::Payment(_) => scan_unknown(),
    }
}

pub(crate) fn scan_too_old() -> MessageView {
    say(
        "S-10",
        "这个付款码读到已超过一分钟，请顾客刷新后再扫。未收款",
        "This code was read more than a minute ago; ask the customer to refresh it and scan again. Nothing was charged",
    )
}

pub(crate) fn scan_in_cash() -> MessageView {
    say(
        "S-11",
        "正在收现金。要扫码收款，请先按 Esc 返回。未收款",
        "Cash is being counted. To charge a code, go back with Esc first. Nothing was charged",
    )
}

pub(crate) fn method_not_set_up(method: &str) -> MessageView {
    say(
        "K-90",
        format!("{method}还没有设置，请换一种方式。未收款"),
        "This wallet is not set up here; pay another way. Nothing was charged",
    )
}

pub(crate) fn nobody_to_ask() -> MessageView {
    say(
        "K-98",
        "支付设置打不开，这笔的结果现在查不了，勿重复收款。按 3 挂起，可以收现金；请店长到“设置”里解锁",
        "The payment settings are locked and the result cannot be asked for; do not charge again. Press 3 to set it \
         aside and take cash; a manager should unlock the settings",
    )
}

pub(crate) fn other_merchant_while_in_doubt() -> MessageView {
    say(
        "K-99",
        "还有没有结果的付款，只能向原商户查询。等它们有结果后再换商户，设置未改动",
        "Payments are still without a result, and only the present merchant can be asked about them. Change the \
         merchant when they are settled; nothing was changed",
    )
}

pub(crate) fn scan_no_receipt() -> MessageView {
    say("S-08", "本机没有这张小票的记录", "This till has no record of that receipt")
}

/// To somebody who scanned a code.
pub(crate) fn no_provider() -> MessageView {
    say(
        "K-90",
        "还没有支付设置，只能收现金（F7）。未收款",
        "No provider is set up: cash only (F7). Nothing was charged",
    )
}

/// As a banner: nobody has asked for anything yet.
pub(crate) fn no_provider_yet() -> MessageView {
    say("K-89", "还没有支付设置，只能收现金（F7）", "No provider is set up: cash only (F7)")
}

/// To somebody who scanned a code.
pub(crate) fn offline() -> MessageView {
    say(
        "O-01",
        "网络断开，不能扫码收款。可收现金（F7）。未收款",
        "No network: codes cannot be charged. Take cash (F7). Nothing was charged",
    )
}

/// As a banner: nobody has asked for anything yet.
pub(crate) fn line_is_down() -> MessageView {
    say("O-03", "网络不通，扫码收款暂停；现金可收（F7）", "No network: no codes for now. Cash goes on (F7)")
}

/// To somebody who asked what became of a payment.
pub(crate) fn cannot_ask() -> MessageView {
    say(
        "O-04",
        "网络不通，暂时查不到结果；恢复后自动查询",
        "No network: the result cannot be asked for now. The till asks by itself when it is back",
    )
}

/// To somebody who tests the provider's settings.
pub(crate) fn cannot_test() -> MessageView {
    say(
        "O-05",
        "连不上支付平台，没有测成。请检查网线或路由器，再测一次",
        "The provider could not be reached, so nothing was tested. Check the cable or the router and test again",
    )
}

pub(crate) fn not_sent() -> MessageView {
    say(
        "O-02",
        "连不上支付平台，请求没有发出，未扣款。可收现金（F7），或稍后再扫",
        "The provider could not be reached; nothing left the till, not charged. Take cash (F7) or scan later",
    )
}

pub(crate) fn declined(reason: Reason) -> MessageView {
    match reason {
        Reason::CodeExpired => say(
            "W-10",
            "平台说付款码已过期，没有扣款。请顾客刷新付款码再扫",
            "The provider says that the code has expired and nothing was charged. Ask the customer to refresh it and scan again",
        ),
        Reason::CodeInvalid => say(
            "W-11",
            "平台说付款码无效或已用过，没有扣款。请顾客刷新付款码再扫",
            "The provider says that the code is not valid or was used, and nothing was charged. Ask the customer to refresh it and scan again",
        ),
        Reason::NotEnough => say(
            "W-12",
            "平台说余额不足，没有扣款。请顾客换一种支付方式再扫",
            "The provider says that there is not enough money and nothing was charged. Ask the customer to choose another card and scan again",
        ),
        Reason::CardNotSupported => say(
            "W-13",
            "平台说这张卡不能在这里付款，没有扣款。请顾客换卡再扫",
            "The provider says that this card cannot pay here, and nothing was charged. Ask for another card and scan again",
        ),
        Reason::PayerCancelled => say(
            "W-14",
            "平台说付款没有成功（取消、没输密码或被银行拒绝），没有扣款。可以再扫一次",
            "The provider says that the payment failed (cancelled, no password, or refused by the bank) and nothing was charged. You may scan again",
        ),
        Reason::RefusedByProvider => say(
            "W-15",
            "平台说拒绝了这笔付款，没有扣款。请换一种方式",
            "The provider says that it refused this payment and charged nothing. Pay another way",
        ),
        Reason::Settings => say(
            "W-16",
            "本机的支付设置有误，未扣款。请店长到“设置”里测试",
            "The till's payment settings are wrong; not charged. A manager should test them in Settings",
        ),
        Reason::TooFrequent => say(
            "W-17",
            "请求太频繁，未扣款。请等几秒再扫",
            "Too many requests; not charged. Wait a few seconds and scan again",
        ),
        Reason::NeverArrived => say(
            "W-18",
            "平台查无此单，没有扣款记录；柜台会继续核实，万一晚到会请平台退回。可以再扫一次",
            "The provider knows of no such payment. The till goes on checking, and asks for money that still arrives to go back. \
             You may scan again",
        ),
        Reason::ClosedByProvider => say(
            "W-30",
            "平台说这笔已被关闭或撤销（不是本机要求的），没有收款。柜台稍后再核实一次。可以再扫一次",
            "The provider says that this payment was closed or taken back, which this till had not asked for; there is no money. \
             The till checks once more later. You may scan again",
        ),
    }
}

pub(crate) fn contradicted() -> MessageView {
    say(
        "W-90",
        "支付平台的结果与本机记录不一致，请店长查看该笔记录",
        "The provider's word differs from the till's record; a manager should look at this sale",
    )
}

pub(crate) fn paid_late(amount: &str) -> MessageView {
    say(
        "W-01",
        format!("挂起的 ￥{amount} 平台已收款，还没有入账。按 F9 选择入账或退回"),
        format!(
            "The provider has the ￥{amount} that was set aside; it is not booked. Press F9 to book it or give it back"
        ),
    )
}

pub(crate) fn parked_paid(amount: &str) -> MessageView {
    say(
        "W-05",
        format!("￥{amount} 已入账，小票已生成"),
        format!("￥{amount} is booked; its receipt is ready"),
    )
}

pub(crate) fn parked_not_paid(amount: &str) -> MessageView {
    say(
        "W-02",
        format!("挂起的 ￥{amount} 有结果了：没有收款（平台拒绝、查无此单或已撤销），详见历史"),
        format!("The ￥{amount} that was set aside has ended without money; its history says how"),
    )
}

pub(crate) fn step_refused(refusal: Refusal) -> MessageView {
    match refusal {
        Refusal::TooEarly(ms) => {
            let seconds = ms.div_euclid(1_000) + 1;
            say("W-03", format!("{seconds} 秒后才能撤销"), format!("A reversal is possible in {seconds} s"))
        }
        Refusal::TooLate => say(
            "W-06",
            "已超过平台的撤销期限，只能到商户平台退款",
            "The provider's time for reversals is over; only a refund on its own pages returns the money",
        ),
        Refusal::ProviderFirst => say(
            "W-07",
            "平台还没有答复，现在不能人工处理。柜台会继续查询",
            "The provider has not answered yet; the till goes on asking before anybody settles it by hand",
        ),
        Refusal::NotNow => say("W-04", "这笔付款现在不能这样处理", "Not possible for this payment now"),
    }
}

pub(crate) fn damage(damage: &Damage) -> MessageView {
    match damage {
        Damage::Full => say(
            "D-01",
            "磁盘已满，记录写不进去，没有收款。请先清理磁盘",
            "The disk is full and nothing can be recorded; nothing was charged. Free some space first",
        ),
        Damage::ReadOnly => say(
            "D-02",
            "数据文件或磁盘是只读的，没有收款。请检查磁盘和权限",
            "The data file or disk is read-only; nothing was charged. Check the disk and its permissions",
        ),
        Damage::Busy => say(
            "D-03",
            "另一个程序正占用数据文件，没有收款。请关闭它再试",
            "Another program holds the data file; nothing was charged. Close it and try again",
        ),
        Damage::Corrupt(detail) => say(
            "D-04",
            format!("数据文件已损坏，请停止使用并联系支持（{detail}）"),
            format!("The data file is damaged; stop using it and call support ({detail})"),
        ),
        Damage::Disk(detail) => say(
            "D-05",
            format!("磁盘出错，没有收款。请检查磁盘（{detail}）"),
            format!("The disk reports an error; nothing was charged. Check the disk ({detail})"),
        ),
    }
}

pub(crate) fn answer_not_recorded(cause: &Damage) -> MessageView {
    let cause = damage(cause);
    say(
        &cause.code,
        "磁盘写不进去，付款结果未能记录。磁盘恢复后会自动再查，请勿重复收款",
        "The disk cannot be written and the result was not recorded. The till asks again once it can; do not charge again",
    )
}

pub(crate) fn write(error: &WriteError) -> MessageView {
    match error {
        WriteError::Damaged(found) => damage(found),
        WriteError::Refused(detail) => say(
            "D-06",
            format!("数据库拒绝了这条记录，没有收款（{detail}）"),
            format!("The database refused this record; nothing was charged ({detail})"),
        ),
    }
}

pub(crate) fn open(error: &OpenError) -> MessageView {
    match error {
        OpenError::NotGuitai => say(
            "D-10",
            "这个文件不是柜台的数据文件，未改动",
            "This file is not a Guitai database; it was left as it is",
        ),
        OpenError::Newer => say(
            "D-11",
            "数据文件来自更新的版本，请先升级柜台。数据未改动",
            "A newer version wrote this database; update Guitai first. Nothing was changed",
        ),
        OpenError::OtherTill { till } => say(
            "D-12",
            format!("这个数据文件属于另一台收银机 {till}，不能在本机使用。数据未改动"),
            format!(
                "This database belongs to another till, {till}, and cannot be used here. Nothing was changed"
            ),
        ),
        OpenError::OtherMode { .. } => say(
            "D-13",
            "培训数据和真实数据不能混用。数据未改动",
            "Training and real records never mix. Nothing was changed",
        ),
        OpenError::Setting { name, found, .. } => say(
            "D-14",
            format!("数据库设置 {name} 为 {found}，不安全，不能开始收款"),
            format!("Database setting {name} is {found}, which is not safe; the till will not sell"),
        ),
        OpenError::OldSqlite(version) => say(
            "D-15",
            format!("数据库组件版本 {version} 有缺陷，请重新安装柜台"),
            format!("SQLite {version} has a known fault; install Guitai again"),
        ),
        OpenError::Damaged(found) => damage(found),
    }
}

pub(crate) fn settings(error: &SettingsError) -> MessageView {
    say(
        error.code(),
        format!("支付设置没有保存：{}", settings_zh(error)),
        format!("The payment settings were not stored: {error}"),
    )
}

fn settings_zh(error: &SettingsError) -> String {
    match error {
        SettingsError::NotToml { line } => {
            format!("设置文件第 {line} 行读不懂，请检查引号、括号和字段名")
        }
        SettingsError::UnknownKind => "kind 应为 wechat_pay_v3 或 wechat_pay_v2".to_owned(),
        SettingsError::Missing(field) => format!("缺少 {field}"),
        SettingsError::MerchantIdMalformed => "mchid 应为商户号，8 到 10 位数字".to_owned(),
        SettingsError::Malformed(field) => format!("{field} 格式不对"),
        SettingsError::CertificateUnreadable(field) => format!("{field} 不是可读的 PEM 证书（RSA）"),
        SettingsError::PrivateKeyUnreadable => {
            "merchant_private_key 不是可读的 PEM 私钥（RSA，2048 位以上）".to_owned()
        }
        SettingsError::PrivateKeyOfAnother => {
            "merchant_private_key 与 merchant_certificate 不是一对，请用同一次下载的文件".to_owned()
        }
        SettingsError::Apiv3KeyMalformed => "apiv3_key 应为 32 位字母和数字".to_owned(),
        SettingsError::Apiv2KeyMalformed => "apiv2_key 应为 32 位字母和数字".to_owned(),
        SettingsError::PublicKeyUnreadable => "public_key 不是可读的 PEM 公钥（RSA，2048 位以上）".to_owned(),
        SettingsError::PublicKeyIdMalformed => "public_key_id 应为 PUB_KEY_ID_ 加数字".to_owned(),
        SettingsError::PublishedKey(field) => format!("{field} 是公开的测试密钥，不能用于真实收款"),
        SettingsError::HostNotAllowed => "hosts 只能是微信支付的域名（https）或本机".to_owned(),
        SettingsError::CaNotAllowed => "只有全部 hosts 都是本机时才能设置 extra_ca".to_owned(),
        SettingsError::TlsUnusable => "这台电脑无法用这个证书建立安全连接".to_owned(),
    }
}

pub(crate) fn settings_fault(fault: &SettingsFault) -> MessageView {
    let zh = match fault {
        SettingsFault::KeyRefused => "平台不认签名：商户号、私钥和证书不是一套".to_owned(),
        SettingsFault::ClockWrong { offset_ms } => {
            format!("本机时钟差了约 {} 分钟，请先对时", offset_ms.saturating_abs() / 60_000)
        }
        SettingsFault::OldAnswer => "平台的应答是很久以前签名的，网络里有代理在重放旧应答吗？".to_owned(),
        SettingsFault::AnswerKeyWrong => "平台的应答验不过，请检查 public_key 和 public_key_id".to_owned(),
        SettingsFault::NotAProvider => "应答的不是支付平台，网络里有登录页或代理吗？".to_owned(),
        SettingsFault::OtherMerchant => "应答属于另一个商户或应用".to_owned(),
        SettingsFault::ProviderTrouble => "平台暂时有问题，请稍后再试".to_owned(),
        SettingsFault::Refused { .. } => "平台拒绝这个商户使用该接口，请到商户平台开通".to_owned(),
    };
    say(fault.code(), format!("测试没有通过：{zh}"), format!("The settings did not pass the test: {fault}"))
}
