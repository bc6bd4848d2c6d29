//! Training: the other side of the wire on the same machine, a wallet to pay with, and trouble on request.

use std::future::Future;
use std::io;
use std::pin::Pin;

use guitai_connectors::{HttpReply, HttpRequest, HttpVerb, ProviderSettings, SettingsError, Wire, WireError};
use guitai_domain::Fen;
use guitai_sandbox::{
    Behaviour, Broken, Fault, OrderState, Refusal, Running, Sandbox, ServeOptions, Verb,
    WalletChange as Change,
};
use qrcode::QrCode;
use qrcode::render::svg;

use crate::folder::{Folder, random_bytes};
use crate::view::{
    CommandError, PasswordAnswer, TrainingTrouble, WalletAsking, WalletBehaviour, WalletChange,
    WalletPayment, WalletView,
};
use crate::words::{self, say};

/// The sandbox of one till, its wallet, and the page for a phone.
pub struct Training {
    sandbox: Sandbox,
    trouble: TrainingTrouble,
    phone: Option<Phone>,
}

struct Phone {
    _server: Running,
    url: String,
}

/// The wire to the sandbox in this very process.
pub struct TrainingWire(Sandbox);

/// The till's settings with the sandbox, as a shop would have them with the provider. `host` is where the sandbox
/// serves, or any loopback address when it is in this process.
///
/// # Errors
/// When the sandbox's keys and the settings do not fit: a fault of the build.
pub fn settings(host: &str) -> Result<ProviderSettings, SettingsError> {
    let kit = Sandbox::merchant();
    ProviderSettings::from_toml(&format!(
        "kind = \"wechat_pay_v3\"\nmchid = \"{}\"\nappid = \"{}\"\nstore_code = \"TRAINING\"\n\
         merchant_certificate = '''\n{}'''\nmerchant_private_key = '''\n{}'''\napiv3_key = \"{}\"\n\
         public_key_id = \"{}\"\npublic_key = '''\n{}'''\nhosts = [\"{host}\"]\n",
        kit.mchid,
        kit.appid,
        kit.certificate_pem,
        kit.private_key_pem,
        kit.apiv3_key,
        kit.public_key_id,
        kit.public_key_pem,
    ))
}

/// A loopback address nobody serves on: in-process training never opens a socket.
pub const IN_PROCESS: &str = "http://127.0.0.1:9";

impl Training {
    /// Opens the sandbox kept in the till's training folder, or begins a fresh one.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn open(folder: &Folder) -> io::Result<Training> {
        let seed = random_bytes::<8>().map_err(|error| io::Error::other(error.to_string()))?;
        let sandbox = Sandbox::open(Some(folder.sandbox_state()), u64::from_be_bytes(seed))?;
        sandbox.clear_faults();
        sandbox.set_network_down(false);
        Ok(Training { sandbox, trouble: TrainingTrouble::None, phone: None })
    }

    /// The wire to it.
    #[must_use]
    pub fn wire(&self) -> TrainingWire {
        TrainingWire(self.sandbox.clone())
    }

    /// The sandbox itself.
    #[must_use]
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// What the wallet's screen shows.
    #[must_use]
    pub fn view(&self) -> WalletView {
        let page = self.sandbox.wallet();
        let groups: Vec<&str> = (0..page.code.len())
            .step_by(4)
            .filter_map(|at| page.code.get(at..(at + 4).min(page.code.len())))
            .collect();
        WalletView {
            qr_svg: page.qr_svg.clone(),
            code128_svg: page.code128_svg.clone(),
            digits: groups.join(" "),
            seconds_left: page.seconds_left,
            balance: Fen(page.balance_fen).to_string(),
            password_from: Fen(page.password_limit_fen).to_string(),
            behaviour: behaviour_view(page.behaviour),
            trouble: self.trouble,
            asking: page.asking.as_ref().map(|asking| WalletAsking {
                amount: Fen(asking.amount_fen).to_string(),
                merchant: asking.merchant.clone(),
                seconds_left: asking.seconds_left,
            }),
            last_payments: page
                .last_payments
                .iter()
                .take(5)
                .map(|payment| WalletPayment {
                    amount: Fen(payment.amount_fen).to_string(),
                    state: payment_state(payment.state).to_owned(),
                })
                .collect(),
            phone_url: self.phone.as_ref().map(|phone| phone.url.clone()),
            phone_qr_svg: self.phone.as_ref().and_then(|phone| qr(&phone.url)),
        }
    }

    /// Changes the wallet, the line, or the page for a phone.
    ///
    /// # Errors
    /// When an amount cannot be read, or no port can be opened for the phone.
    pub async fn change(&mut self, change: WalletChange) -> Result<(), CommandError> {
        let amount = |typed: &str| {
            Fen::from_yuan(typed.trim())
                .map(|amount| Some(amount.0))
                .map_err(|error| CommandError { message: words::amount(error) })
        };
        match change {
            WalletChange::Balance(typed) => {
                self.sandbox.set_wallet(Change { balance_fen: amount(&typed)?, ..Change::default() });
            }
            WalletChange::PasswordFrom(typed) => {
                self.sandbox.set_wallet(Change { password_limit_fen: amount(&typed)?, ..Change::default() });
            }
            WalletChange::Behaviour(behaviour) => {
                let behaviour = Some(behaviour_of(behaviour));
                self.sandbox.set_wallet(Change { behaviour, ..Change::default() });
            }
            WalletChange::Trouble(trouble) => self.make_trouble(trouble),
            WalletChange::Password(answer) => self.sandbox.answer_password(match answer {
                PasswordAnswer::Right => guitai_sandbox::PasswordAnswer::Right,
                PasswordAnswer::Wrong => guitai_sandbox::PasswordAnswer::Wrong,
                PasswordAnswer::Cancel => guitai_sandbox::PasswordAnswer::Cancel,
            }),
            WalletChange::Phone(false) => self.phone = None,
            WalletChange::Phone(true) => self.phone = Some(serve_phone(&self.sandbox).await?),
        }
        Ok(())
    }

    fn make_trouble(&mut self, trouble: TrainingTrouble) {
        self.trouble = trouble;
        self.sandbox.clear_faults();
        self.sandbox.set_network_down(trouble == TrainingTrouble::NoNetwork);
        let fault = match trouble {
            TrainingTrouble::None | TrainingTrouble::NoNetwork => return,
            TrainingTrouble::AnswerLost => Fault::DropAnswer,
            TrainingTrouble::RequestLost => Fault::DropRequest,
            TrainingTrouble::Slow => Fault::Delay { ms: 8_000 },
            TrainingTrouble::Forged => Fault::Forge,
            TrainingTrouble::WrongAmount => Fault::WrongAmount,
            TrainingTrouble::ServerError => Fault::Status { code: 500, retry_after_s: None },
            TrainingTrouble::CaptivePortal => Fault::CaptivePortal,
        };
        // Only the charge: what follows is how the till finds the truth again.
        self.sandbox.inject(fault, Verb::Pay, u32::MAX);
    }
}

async fn serve_phone(sandbox: &Sandbox) -> Result<Phone, CommandError> {
    let failed = |error: io::Error| CommandError {
        message: say(
            "G-10",
            format!("手机页面打不开：{error}"),
            format!("The page for a phone cannot be opened: {error}"),
        ),
    };
    let options = ServeOptions { lan: true, wallet_only: true, ..ServeOptions::default() };
    let server = guitai_sandbox::serve(sandbox.clone(), options).await.map_err(failed)?;
    let host = lan_address().unwrap_or_else(|| "127.0.0.1".to_owned());
    let url = format!("http://{host}:{}/wallet", server.http_addr.port());
    Ok(Phone { _server: server, url })
}

/// This computer's address in the shop's network: the one the system would send from. Nothing is sent.
fn lan_address() -> Option<String> {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").ok()?;
    // A documentation address (RFC 5737); connecting a UDP socket only chooses the route.
    socket.connect("192.0.2.1:9").ok()?;
    Some(socket.local_addr().ok()?.ip().to_string())
}

fn qr(text: &str) -> Option<String> {
    let code = QrCode::new(text).ok()?;
    Some(code.render::<svg::Color<'_>>().min_dimensions(160, 160).build())
}

impl Wire for TrainingWire {
    fn exchange(
        &self,
        request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpReply, WireError>> + Send + '_>> {
        Box::pin(async move {
            let mut builder = http::Request::builder().uri(&request.path).method(match request.verb {
                HttpVerb::Get => http::Method::GET,
                HttpVerb::Post => http::Method::POST,
            });
            builder = builder.header("User-Agent", concat!("Guitai/", env!("CARGO_PKG_VERSION")));
            for (name, value) in &request.headers {
                builder = builder.header(*name, value);
            }
            let certificate = request.client_certificate;
            let outgoing = builder.body(request.body.to_vec()).map_err(|_| WireError::NotConnected)?;
            let reply = self.0.exchange(outgoing, certificate).await.map_err(|broken| match broken {
                Broken::NotConnected => WireError::NotConnected,
                Broken::NoReply => WireError::NoAnswer,
            })?;
            let headers = reply
                .headers()
                .iter()
                .map(|(name, value)| {
                    (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
                })
                .collect();
            Ok(HttpReply { status: reply.status().as_u16(), headers, body: reply.into_body() })
        })
    }

    fn reach(&self) -> Pin<Box<dyn Future<Output = bool> + Send + '_>> {
        Box::pin(async move { !self.0.network_is_down() })
    }
}

fn behaviour_view(behaviour: Behaviour) -> WalletBehaviour {
    match behaviour {
        Behaviour::Pay => WalletBehaviour::Pays,
        Behaviour::AskPassword => WalletBehaviour::AsksPassword,
        Behaviour::Refuse(Refusal::NotEnough) => WalletBehaviour::NotEnough,
        Behaviour::Refuse(Refusal::CodeExpired) => WalletBehaviour::CodeExpired,
        Behaviour::Refuse(Refusal::CodeUsed | Refusal::CodeInvalid) => WalletBehaviour::CodeInvalid,
        Behaviour::Refuse(Refusal::CardNotSupported) => WalletBehaviour::CardNotSupported,
        Behaviour::Refuse(Refusal::Risk | Refusal::BankError | Refusal::SystemError) => WalletBehaviour::Risk,
    }
}

fn behaviour_of(behaviour: WalletBehaviour) -> Behaviour {
    match behaviour {
        WalletBehaviour::Pays => Behaviour::Pay,
        WalletBehaviour::AsksPassword => Behaviour::AskPassword,
        WalletBehaviour::NotEnough => Behaviour::Refuse(Refusal::NotEnough),
        WalletBehaviour::CodeExpired => Behaviour::Refuse(Refusal::CodeExpired),
        WalletBehaviour::CodeInvalid => Behaviour::Refuse(Refusal::CodeInvalid),
        WalletBehaviour::CardNotSupported => Behaviour::Refuse(Refusal::CardNotSupported),
        WalletBehaviour::Risk => Behaviour::Refuse(Refusal::Risk),
    }
}

fn payment_state(state: OrderState) -> &'static str {
    match state {
        OrderState::Success => "paid",
        OrderState::NotPay | OrderState::UserPaying => "waiting",
        OrderState::PayError | OrderState::Closed => "refused",
        OrderState::Refund | OrderState::Revoked => "returned",
    }
}
