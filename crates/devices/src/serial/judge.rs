//! Whether a serial port has a scanner behind it, as far as can be told without opening it.
//!
//! A till's computer also has receipt printers, customer displays, scales, card terminals and modems on serial ports. What is
//! named as one of them is left alone. A chip that only turns USB into a serial line says nothing about what hangs on it: it is
//! listened to, without keeping others off it and without a byte sent, until a code has come.

use serde::{Deserialize, Serialize};

/// What a USB port tells of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsbFacts {
    /// The maker's number.
    pub vendor: u16,
    /// The product's number.
    pub product: u16,
    /// The serial number, if it has one.
    pub serial: Option<String>,
    /// The maker's name.
    pub maker: String,
    /// The product's name.
    pub name: String,
    /// Where it is plugged in.
    pub place: Option<String>,
    /// The kinds of all interfaces of the device, as (class, subclass), where the system tells them.
    pub interfaces: Vec<(u8, u8)>,
}

/// What a port probably is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// A scanner.
    Scanner,
    /// It may be one.
    Perhaps,
    /// Something else.
    Other,
}

/// Makers of scanners: 0536 Hand Held Products, 05E0 Symbol (Zebra), 05F9 PSC (Datalogic), 065A Optoelectronics (Opticon),
/// 076D Denso, 080C Datalogic, 0C2E Metrologic (Honeywell), 0DB5 Access IS, 1EAB Newland. From the list of USB ids.
const SCANNERS: [u16; 9] = [0x0536, 0x05E0, 0x05F9, 0x065A, 0x076D, 0x080C, 0x0C2E, 0x0DB5, 0x1EAB];

/// Makers of none: printers (04B8 Epson, 04F9 Brother, 0519 Star, 0922 Dymo, 0A5F Zebra, 0DD4 Custom, 1504 Bixolon, 1D90 and 2730
/// Citizen), card terminals (079B Sagem, 0B00 Ingenico, 11CA VeriFone, 0801 MagTek), modems (1199 Sierra, 12D1 Huawei,
/// 19D2 ZTE, 1BC7 Telit, 1E0E Qualcomm/Option, 2C7C Quectel, 05C6 Qualcomm), phones (04E8 Samsung, 05AC Apple, 18D1 Google,
/// 22D9 OPPO, 2717 Xiaomi), receivers (091E Garmin, 1546 u-blox), boards and probes (0D28 and 1FC9 NXP, 1366 SEGGER, 1915
/// Nordic, 2341 and 2A03 Arduino, 239A Adafruit). From the list of USB ids.
const OTHERS: [u16; 31] = [
    0x04B8, 0x04F9, 0x0519, 0x0922, 0x0A5F, 0x0DD4, 0x1504, 0x1D90, 0x2730, 0x079B, 0x0B00, 0x11CA, 0x0801,
    0x1199, 0x12D1, 0x19D2, 0x1BC7, 0x1E0E, 0x2C7C, 0x05C6, 0x04E8, 0x05AC, 0x18D1, 0x22D9, 0x2717, 0x091E,
    0x1546, 0x0D28, 0x1FC9, 0x1366, 0x1915,
];
const BOARDS: [u16; 3] = [0x2341, 0x2A03, 0x239A];

/// A bar code printer is a printer, and a modem has no good word to say for itself.
const NEVER: [&str; 16] = [
    "print",
    "打印",
    "receipt",
    "modem",
    "pinpad",
    "payment",
    "gps",
    "gnss",
    "arduino",
    "debug",
    "st-link",
    "j-link",
    "jtag",
    "zigbee",
    "z-wave",
    "fingerprint",
];
const SURELY: [&str; 8] = ["scan", "barcode", "bar code", "imager", "qr code", "qrcode", "扫描", "扫码"];
/// A scale with a scanner in it is a scanner; a scale alone is none.
const RATHER_NOT: [&str; 8] = ["bluetooth", "scale", "display", "pole", "drawer", "card", "nfc", "rfid"];

/// Interfaces no scanner has beside its port: printer, network (two kinds of modem), wireless.
const FOREIGN: [(u8, Option<u8>); 5] =
    [(0x07, None), (0x02, Some(0x06)), (0x02, Some(0x0D)), (0x02, Some(0x0E)), (0xE0, None)];

/// Judges a USB port by what it tells.
#[must_use]
pub fn judge(usb: &UsbFacts) -> Verdict {
    let words = format!("{} {}", usb.maker, usb.name).to_lowercase();
    let says = |list: &[&str]| list.iter().any(|word| words.contains(word));
    let foreign = usb.interfaces.iter().any(|(class, subclass)| {
        FOREIGN.iter().any(|(kind, kin)| class == kind && kin.is_none_or(|kin| *subclass == kin))
    });
    if foreign || says(&NEVER) {
        Verdict::Other
    } else if SCANNERS.contains(&usb.vendor) || says(&SURELY) {
        Verdict::Scanner
    } else if OTHERS.contains(&usb.vendor) || BOARDS.contains(&usb.vendor) || says(&RATHER_NOT) {
        Verdict::Other
    } else {
        Verdict::Perhaps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usb(vendor: u16, maker: &str, name: &str, interfaces: &[(u8, u8)]) -> UsbFacts {
        let (maker, name, interfaces) = (maker.into(), name.into(), interfaces.to_vec());
        UsbFacts { vendor, maker, name, interfaces, ..UsbFacts::default() }
    }

    #[test]
    fn ports_of_a_tills_computer_are_told_apart() {
        const ACM: (u8, u8) = (2, 2);
        const DATA: (u8, u8) = (10, 0);
        let cases = [
            (usb(0x0C2E, "Honeywell", "Xenon 1900", &[ACM, DATA]), Verdict::Scanner),
            (usb(0x1EAB, "Newland Auto-ID", "HR22 Serial CDC", &[ACM, DATA]), Verdict::Scanner),
            (usb(0x067B, "", "VCP, Barcode scanner", &[ACM, DATA]), Verdict::Scanner),
            (usb(0x05F9, "Datalogic", "Magellan Scanner/Scale", &[ACM, DATA]), Verdict::Scanner),
            (usb(0x1234, "某某", "扫码枪", &[ACM, DATA]), Verdict::Scanner),
            (usb(0x0403, "FTDI", "FT232R USB UART", &[(255, 255)]), Verdict::Perhaps),
            (usb(0x1A86, "", "USB Serial", &[(255, 1)]), Verdict::Perhaps),
            (
                usb(0x10C4, "Silicon Labs", "CP2102 USB to UART Bridge Controller", &[(255, 0)]),
                Verdict::Perhaps,
            ),
            (usb(0x0483, "STMicroelectronics", "STM32 Virtual ComPort", &[ACM, DATA]), Verdict::Perhaps),
            (usb(0x0483, "STMicroelectronics", "POS58 Printer", &[ACM, DATA]), Verdict::Other),
            (
                usb(0x0483, "STMicroelectronics", "STM32 Virtual ComPort", &[ACM, DATA, (7, 1)]),
                Verdict::Other,
            ),
            (usb(0x04B8, "EPSON", "TM-T20II", &[ACM, DATA]), Verdict::Other),
            (usb(0x1203, "TSC", "Barcode Printer", &[ACM, DATA]), Verdict::Other),
            (usb(0x12D1, "HUAWEI", "HUAWEI Mobile", &[(255, 1)]), Verdict::Other),
            (usb(0x9999, "Nobody", "LTE", &[ACM, DATA, (2, 0x0D)]), Verdict::Other),
            (usb(0x9999, "Nobody", "Customer Display", &[ACM, DATA]), Verdict::Other),
            (usb(0x0403, "Mettler", "Scale interface", &[(255, 255)]), Verdict::Other),
            (usb(0x11CA, "VeriFone", "Vx", &[ACM, DATA]), Verdict::Other),
            (usb(0x2341, "Arduino (www.arduino.cc)", "", &[ACM, DATA]), Verdict::Other),
            (usb(0x0483, "STMicroelectronics", "ST-LINK/V2.1", &[ACM, DATA, (8, 6)]), Verdict::Other),
        ];

        for (usb, verdict) in cases {
            assert_eq!(judge(&usb), verdict, "{usb:?}");
        }
    }
}
