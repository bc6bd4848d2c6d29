//! What a wallet shows on its screen.

use std::fmt;

use barcoders::generators::svg::SVG;
use barcoders::sym::code128::Code128;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use serde::{Deserialize, Serialize};

use crate::keys::MERCHANT;
use crate::provider::OrderState;
use crate::wallet::{Behaviour, PASSWORD_PROMPT_MS};
use crate::world::World;

/// Payments the page lists.
const PAYMENTS_SHOWN: usize = 10;

/// A wallet's screen. Its `Debug` output hides the code.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct WalletPage {
    /// The payment code, 18 digits.
    pub code: String,
    /// The code as a QR code, a whole SVG document.
    pub qr_svg: String,
    /// The code as Code 128, a whole SVG document.
    pub code128_svg: String,
    /// How long the code stays.
    pub seconds_left: u32,
    /// What the wallet holds.
    pub balance_fen: i64,
    /// Amounts from here on ask for the password.
    pub password_limit_fen: i64,
    /// What the customer does with the next payments.
    pub behaviour: Behaviour,
    /// The open password prompt.
    pub asking: Option<Asking>,
    /// The latest payments, newest first.
    pub last_payments: Vec<WalletPayment>,
}

/// A password prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asking {
    /// How much is to be paid.
    pub amount_fen: i64,
    /// To whom.
    pub merchant: String,
    /// How long the prompt stays.
    pub seconds_left: u32,
}

/// A payment as its payer sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalletPayment {
    /// How much.
    pub amount_fen: i64,
    /// What became of it.
    pub state: OrderState,
    /// To whom.
    pub merchant: String,
}

/// A change to a wallet; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WalletChange {
    /// The new balance.
    pub balance_fen: Option<i64>,
    /// From which amount on the password is asked for.
    pub password_limit_fen: Option<i64>,
    /// What the customer does with the next payments.
    pub behaviour: Option<Behaviour>,
}

impl fmt::Debug for WalletPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WalletPage")
            .field("code", &"***")
            .field("qr_svg", &"***")
            .field("code128_svg", &"***")
            .field("seconds_left", &self.seconds_left)
            .field("balance_fen", &self.balance_fen)
            .field("password_limit_fen", &self.password_limit_fen)
            .field("behaviour", &self.behaviour)
            .field("asking", &self.asking)
            .field("last_payments", &self.last_payments)
            .finish()
    }
}

impl World {
    /// The screen of a wallet, with a new code if the old one's minute is over.
    pub fn wallet_page(&mut self, wallet_id: u32, now_ms: i64) -> WalletPage {
        self.advance(now_ms);
        let code = self.payment_code(wallet_id, now_ms);
        let wallet = &self.wallets[wallet_id as usize];
        let mut orders: Vec<_> =
            self.provider.orders.values().filter(|order| order.wallet == Some(wallet_id)).collect();
        orders.sort_by_key(|order| std::cmp::Reverse(order.charged_ms));
        WalletPage {
            qr_svg: qr_svg(&code),
            code128_svg: code128_svg(&code),
            code,
            seconds_left: whole_seconds(wallet.shown_for_ms(now_ms)),
            balance_fen: self.bank.balance(&crate::bank::Account::wallet(wallet_id)),
            password_limit_fen: wallet.password_limit_fen,
            behaviour: wallet.behaviour,
            asking: self.prompt(wallet_id).map(|order| Asking {
                amount_fen: order.total_fen().unwrap_or(0),
                merchant: MERCHANT.name.to_owned(),
                seconds_left: whole_seconds(order.state_since_ms() + PASSWORD_PROMPT_MS - now_ms),
            }),
            last_payments: orders
                .into_iter()
                .take(PAYMENTS_SHOWN)
                .map(|order| WalletPayment {
                    amount_fen: order.total_fen().unwrap_or(0),
                    state: order.state(),
                    merchant: MERCHANT.name.to_owned(),
                })
                .collect(),
        }
    }

    /// Changes a wallet.
    pub fn change_wallet(&mut self, wallet_id: u32, change: &WalletChange, now_ms: i64) {
        if let Some(balance_fen) = change.balance_fen {
            self.set_balance(wallet_id, balance_fen, now_ms);
        }
        if let Some(limit_fen) = change.password_limit_fen {
            self.set_password_limit(wallet_id, limit_fen);
        }
        if let Some(behaviour) = change.behaviour {
            self.set_behaviour(wallet_id, behaviour);
        }
    }
}

fn whole_seconds(ms: i64) -> u32 {
    u32::try_from((ms.max(0) + 999) / 1000).unwrap_or(u32::MAX)
}

fn qr_svg(code: &str) -> String {
    QrCode::with_error_correction_level(code, EcLevel::L)
        .expect("18 digits fit a QR code")
        .render::<svg::Color<'_>>()
        .min_dimensions(240, 240)
        .build()
}

/// Code set C: two digits a symbol, as wallets print it.
fn code128_svg(code: &str) -> String {
    let bars = Code128::new(format!("\u{0106}{code}")).expect("18 digits fit code set C").encode();
    // Named as SVG, or no page shows it as a picture.
    let document = SVG::new(80).xdim(2).xmlns("http://www.w3.org/2000/svg".to_owned());
    document.generate(bars).expect("bars can be drawn")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_pictures_of_a_code_are_documents_of_their_own() {
        for picture in [qr_svg("134567890123456789"), code128_svg("134567890123456789")] {
            assert!(picture.contains("xmlns=\"http://www.w3.org/2000/svg\""));
        }
    }
}
