//! Random days: every one of them could have happened at a till, because payments move through the real step function.

use guitai_db::{AnswerRecord, Fact};
use guitai_domain::payment::{
    Circumstances, Event, Hint, ProviderRules, Reason, Silence, State, Verb, Word, step,
};
use guitai_domain::{Fen, Method, PaymentId, SaleId};
use proptest::prelude::*;

use crate::shop::{Shop, completed, paid_in_cash};

const RULES: ProviderRules = ProviderRules {
    poll_ms: 5_000,
    window_ms: 45_000,
    reverse_from_ms: 15_000,
    reverse_until_ms: 604_800_000,
    code_life_ms: 60_000,
    refund_until_ms: 31_536_000_000,
};

/// What somebody does. The numbers choose among what is possible; what is not possible is not done.
#[derive(Debug, Clone)]
pub enum Deed {
    Open { amount: i64 },
    Void { which: usize },
    Cash { which: usize },
    Charge { which: usize },
    Happens { which: usize, event: Event, age_ms: i64, attended: bool },
    Reprint { which: usize },
    Setting { name: u8, value: String },
    Start,
}

pub fn deeds(most: usize) -> impl Strategy<Value = Vec<Deed>> {
    let which = 0_usize..8;
    prop::collection::vec(
        prop_oneof![
            3 => (1_i64..99_999_999).prop_map(|amount| Deed::Open { amount }),
            1 => which.clone().prop_map(|which| Deed::Void { which }),
            1 => which.clone().prop_map(|which| Deed::Cash { which }),
            4 => which.clone().prop_map(|which| Deed::Charge { which }),
            8 => (which.clone(), events(), 0_i64..120_000, any::<bool>())
                .prop_map(|(which, event, age_ms, attended)| Deed::Happens { which, event, age_ms, attended }),
            1 => which.prop_map(|which| Deed::Reprint { which }),
            1 => (0_u8..3, "[a-z0-9 \"\\\\柜台]{0,8}").prop_map(|(name, value)| Deed::Setting { name, value }),
            1 => Just(Deed::Start),
        ],
        1..most,
    )
}

fn events() -> impl Strategy<Value = Event> {
    let verb = prop::sample::select(vec![Verb::Pay, Verb::Query, Verb::Reverse]);
    let reason = prop::sample::select(Reason::ALL.to_vec());
    let word = prop_oneof![
        4 => Just(Word::Paid),
        1 => Just(Word::AwaitingPayer),
        1 => Just(Word::Unpaid),
        1 => reason.clone().prop_map(Word::Declined),
        1 => reason.clone().prop_map(Word::Failed),
        1 => Just(Word::Closed),
        1 => Just(Word::Reversed),
        1 => Just(Word::Refunded),
        1 => Just(Word::ReverseAccepted),
        1 => Just(Word::ReverseTooLate),
    ];
    let hint =
        prop_oneof![reason.prop_map(Hint::Refused), Just(Hint::UnknownPayment), Just(Hint::Busy(1_000)),];
    let silence = prop::sample::select(vec![
        Silence::NotConnected,
        Silence::NoAnswer,
        Silence::NotBelieved,
        Silence::ServerTrouble,
    ]);
    prop_oneof![
        2 => verb.clone().prop_map(Event::Calling),
        4 => (verb.clone(), word).prop_map(|(verb, word)| Event::Heard(verb, word)),
        2 => (verb.clone(), hint).prop_map(|(verb, hint)| Event::Hinted(verb, hint)),
        1 => (verb, silence).prop_map(|(verb, silence)| Event::Unheard(verb, silence)),
        1 => Just(Event::Restarted),
        1 => Just(Event::QueryAsked),
        1 => Just(Event::ReverseAsked),
        1 => Just(Event::Booked),
        1 => Just(Event::ReturnAsked),
        1 => any::<bool>().prop_map(|paid| Event::Settled { paid }),
    ]
}

/// A sale as the day knows it.
struct Sale {
    id: SaleId,
    amount: Fen,
    open: bool,
    reprints: Option<u32>,
    payments: Vec<(PaymentId, State)>,
}

impl Sale {
    fn is_free(&self) -> bool {
        self.open && self.payments.iter().all(|(_, state)| state.is_final())
    }
}

/// What a day adds up to, counted beside the database.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub cash: (u32, i64),
    pub wechat: (u32, i64),
}

/// Lives through `deeds`, writing each into the shop's file.
pub fn live(shop: &mut Shop, deeds: &[Deed]) -> Tally {
    let (mut sales, mut tally, mut receipts): (Vec<Sale>, Tally, u32) = (Vec::new(), Tally::default(), 0);
    for deed in deeds {
        match deed {
            Deed::Open { amount } => {
                let (id, amount) = (shop.open_sale(Fen(*amount)), Fen(*amount));
                sales.push(Sale { id, amount, open: true, reprints: None, payments: Vec::new() });
            }
            Deed::Void { which } => {
                if let Some(sale) = pick(&mut sales, *which, Sale::is_free) {
                    shop.write(&[Fact::SaleVoided { sale: sale.id.to_string() }]).expect("a void");
                    sale.open = false;
                }
            }
            Deed::Cash { which } => {
                if let Some(sale) = pick(&mut sales, *which, Sale::is_free) {
                    receipts += 1;
                    shop.write(&[paid_in_cash(&sale.id, sale.amount, receipts)]).expect("cash");
                    (sale.open, sale.reprints) = (false, Some(0));
                    tally.cash = (tally.cash.0 + 1, tally.cash.1 + sale.amount.0);
                }
            }
            Deed::Charge { which } => {
                if let Some(sale) = pick(&mut sales, *which, Sale::is_free) {
                    let payment = shop.send_payment(&sale.id, sale.amount).expect("a payment");
                    sale.payments.push((payment, State::Sent));
                }
            }
            Deed::Happens { which, event, age_ms, attended } => {
                let wants = |sale: &Sale| sale.payments.iter().any(|(_, state)| state.is_unfinished());
                if let Some(sale) = pick(&mut sales, *which, wants) {
                    let at = Circumstances {
                        age_ms: *age_ms,
                        attended: *attended,
                        answered: true,
                        known: false,
                        rules: &RULES,
                    };
                    happens(shop, sale, *event, at, &mut receipts, &mut tally);
                }
            }
            Deed::Reprint { which } => {
                if let Some(sale) = pick(&mut sales, *which, |sale| sale.reprints.is_some()) {
                    let copy = sale.reprints.unwrap_or(0) + 1;
                    shop.write(&[Fact::ReceiptReprinted { sale: sale.id.to_string(), copy }])
                        .expect("a reprint");
                    sale.reprints = Some(copy);
                }
            }
            Deed::Setting { name, value } => {
                let fact = Fact::SettingChanged { name: format!("setting-{name}"), value: value.clone() };
                shop.write(&[fact]).expect("a setting");
            }
            Deed::Start => {
                shop.write(&[Fact::TillStarted { version: "1".to_owned() }]).expect("a start");
            }
        }
    }
    tally
}

fn happens(
    shop: &mut Shop,
    sale: &mut Sale,
    event: Event,
    at: Circumstances<'_>,
    receipts: &mut u32,
    tally: &mut Tally,
) {
    let id = sale.id.clone();
    let others_captured = sale.payments.iter().any(|(_, state)| has_money(*state));
    let Some((payment, state)) = sale.payments.iter_mut().find(|(_, state)| state.is_unfinished()) else {
        return;
    };
    let Ok((after, _)) = step(*state, event, at) else { return };
    // The register writes how each call ended, whether or not it moved anything.
    let mut facts = vec![answered(payment, &id, event)];
    let ends_paid = has_money(after) && !has_money(*state);
    if ends_paid && others_captured {
        return;
    }
    if after != *state {
        let reference = ends_paid.then(|| "4200000000202611210000000001".to_owned());
        facts.push(Fact::moved(payment, &id, after, "answer", reference));
    }
    if ends_paid && sale.open {
        *receipts += 1;
        facts.push(completed(&id, Method::WechatPay, None, *receipts));
        (sale.open, sale.reprints) = (false, Some(0));
        tally.wechat = (tally.wechat.0 + 1, tally.wechat.1 + sale.amount.0);
    }
    shop.write(&facts).expect("the step function makes only moves the tables take");
    *state = after;
}

fn has_money(state: State) -> bool {
    matches!(state, State::Captured | State::SettledByManager { paid: true, .. })
}

fn answered(payment: &PaymentId, sale: &SaleId, event: Event) -> Fact {
    Fact::ProviderAnswered {
        payment: payment.to_string(),
        sale: sale.to_string(),
        answer: AnswerRecord {
            verb: "query".to_owned(),
            asked_at_ms: 1,
            took_ms: 2,
            heard: format!("{event:?}"),
            status: 200,
            provider_code: Some("SUCCESS".to_owned()),
            request_id: None,
            disbelief: None,
            request: None,
            reply: None,
        },
    }
}

fn pick(sales: &mut [Sale], which: usize, fits: impl Fn(&Sale) -> bool) -> Option<&mut Sale> {
    let mut fitting: Vec<&mut Sale> = sales.iter_mut().filter(|sale| fits(sale)).collect();
    let at = which % fitting.len().max(1);
    if fitting.is_empty() { None } else { Some(fitting.swap_remove(at)) }
}
