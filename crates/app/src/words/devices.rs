//! Words for what reads the codes.

use guitai_devices::lines::Refusal;
use guitai_domain::{Method, Scan};

use crate::view::{DeviceKind, MessageView};

use super::say;

/// A device as the journal has it (`keyboard`, `serial:Zebra DS2208`), in words. What an older program wrote stays as it is.
pub(crate) fn device(written: &str) -> MessageView {
    let (kind, name) = written.split_once(':').unwrap_or((written, ""));
    let (zh, en) = match (kind, name) {
        ("keyboard", _) => ("扫码枪（键盘）", "scanner (keyboard)"),
        ("serial", _) => ("串口扫码枪", "serial scanner"),
        ("hid", _) => ("HID 扫码枪", "HID scanner"),
        ("camera", _) => ("摄像头", "camera"),
        ("picture", "clipboard") => return say("device.picture", "剪贴板图片", "picture from the clipboard"),
        ("picture", _) => return say("device.picture", "图片文件", "picture file"),
        ("cli", _) => ("命令行", "command line"),
        _ => return say("device.other", written, written),
    };
    let named = |what: &str| if name.is_empty() { what.to_owned() } else { format!("{what} {name}") };
    say(&format!("device.{kind}"), named(zh), named(en))
}

/// A device that is there and ready.
pub(crate) fn device_here(kind: DeviceKind, name: &str) -> MessageView {
    let (zh, en) = kind_words(kind);
    say("H-10", format!("{zh} {name}，已就绪"), format!("{en} {name} is ready"))
}

/// A device that was there and is gone.
pub(crate) fn device_gone(kind: DeviceKind, name: &str) -> MessageView {
    let (zh, en) = kind_words(kind);
    say(
        "H-11",
        format!("{zh} {name} 已断开。请插好数据线，插上后自动恢复"),
        format!("{en} {name} is gone. Plug it in again; it is taken up by itself"),
    )
}

/// A device that is there and cannot be listened to.
pub(crate) fn device_refused(name: &str, why: Refusal) -> MessageView {
    match why {
        Refusal::Permission => say(
            "H-12",
            format!(
                "扫码枪 {name} 已插上，但系统不让柜台使用它。请重新安装柜台，或把当前用户加入 dialout 组后重新登录"
            ),
            format!(
                "The scanner {name} is plugged in, but the system does not let Guitai use it. Install Guitai again, or add \
                 this user to the group dialout and log in again"
            ),
        ),
        Refusal::Busy => say(
            "H-13",
            format!("扫码枪 {name} 被另一个程序占用。请关闭那个程序，之后自动恢复"),
            format!(
                "Another program uses the scanner {name}. Close it; the scanner is then taken up by itself"
            ),
        ),
        Refusal::Other => say(
            "H-14",
            format!("扫码枪 {name} 打不开。请拔下再插，或换一个 USB 口"),
            format!(
                "The scanner {name} cannot be opened. Pull it out and plug it in again, or try another USB port"
            ),
        ),
    }
}

fn kind_words(kind: DeviceKind) -> (&'static str, &'static str) {
    match kind {
        DeviceKind::Serial => ("串口扫码枪", "The serial scanner"),
        DeviceKind::Hid => ("HID 扫码枪", "The HID scanner"),
        DeviceKind::Camera => ("摄像头", "The camera"),
        DeviceKind::Picture => ("图片", "The picture"),
    }
}

pub(crate) fn picture_without_amount() -> MessageView {
    say(
        "S-12",
        "请先输入金额并按 Enter，再用图片收款。未收款",
        "Enter the amount and press Enter before using a picture. Nothing was charged",
    )
}

/// A wallet's refusal of a code that came in a picture: what to do is not what one does with a phone at the counter.
pub(crate) fn picture_code_over() -> MessageView {
    say(
        "W-27",
        "截图里的付款码已失效，未扣款。付款码一分钟就换，请顾客现在重新截图发来，收到马上收款",
        "The code in the screenshot is no longer good; not charged. Codes change every minute: ask for a new screenshot \
         and charge it at once",
    )
}

/// What was read on the test page.
pub(crate) fn tested(scan: &Scan, broken: bool) -> MessageView {
    match scan {
        Scan::Payment(code) => {
            let (zh, en) = match code.method() {
                Method::WechatPay => ("微信付款码", "A WeChat Pay code"),
                Method::Alipay => ("支付宝付款码", "An Alipay code"),
                Method::UnionPay => ("云闪付付款码", "A UnionPay code"),
                Method::Cash => ("付款码", "A payment code"),
            };
            say("S-20", format!("{zh}，读得完整。没有收款"), format!("{en}, read whole. Nothing was charged"))
        }
        Scan::Receipt(_) => say("S-21", "本店小票号，读得完整", "A receipt number of ours, read whole"),
        Scan::Goods => say("S-22", "商品条码，读得完整", "A goods bar code, read whole"),
        Scan::Incomplete => say(
            "S-23",
            "只有数字，但不是完整的付款码。如果扫的是付款码，说明有字符丢失：请换一个 USB 口，或让扫码枪慢一些",
            "Digits, but no whole payment code. If it was one, characters were lost: try another USB port or a slower \
             scanner speed",
        ),
        Scan::Unknown if broken => say(
            "S-24",
            "没有读完整。请检查扫码枪的结束符（回车）和速度设置",
            "It broke off. Check the scanner's suffix (Enter) and speed settings",
        ),
        Scan::Unknown => say("S-25", "读到了，但不是付款码", "Read, but it is no payment code"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_told_in_both_languages_by_its_kind_and_name() {
        let cases = [
            ("keyboard", "扫码枪（键盘）", "scanner (keyboard)"),
            ("serial:Zebra DS2208", "串口扫码枪 Zebra DS2208", "serial scanner Zebra DS2208"),
            ("hid:", "HID 扫码枪", "HID scanner"),
            ("camera:C270: HD", "摄像头 C270: HD", "camera C270: HD"),
            ("picture:file", "图片文件", "picture file"),
            ("picture:clipboard", "剪贴板图片", "picture from the clipboard"),
            ("cli", "命令行", "command line"),
            ("usb", "usb", "usb"),
        ];

        for (written, zh, en) in cases {
            let said = device(written);
            assert_eq!((said.zh.as_str(), said.en.as_str()), (zh, en), "{written}");
        }
    }
}
