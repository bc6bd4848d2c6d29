//! A number of scans, and a sale.

use anyhow::{Context, Result, ensure};

use super::round::{Company, any_code, goods_code, payment_code};
use super::{ANSWERED, PAUSE_MS, Recorded, Run, SCANS_PER_SALE};
use crate::keys::{Digits, Stroke, place, strokes, taps};
use crate::pause;

impl Run {
    /// Scans while nothing is due, and one that is charged.
    pub(super) fn sale(&mut self) -> Result<()> {
        self.scan_without_amount()?;
        if self.dice.percent(25) {
            self.type_number()?;
        }
        let amount_fen = self.type_amount()?;
        self.charge(amount_fen)?;
        // From a refusal to the open amount, and from there to none.
        self.keyboard.play(taps(&[place::ESCAPE]))?;
        self.stage.until("armed")?;
        self.clear()
    }

    fn clear(&mut self) -> Result<()> {
        self.keyboard.play(taps(&[place::ESCAPE]))?;
        self.stage.until("idle")
    }

    fn scan_without_amount(&mut self) -> Result<()> {
        let mut now_ms = 0;
        let mut all = Vec::new();
        let mut expected = Vec::new();
        for _ in 1..SCANS_PER_SALE {
            let text = any_code(&mut self.dice, !self.input_method);
            let (there_ms, may_type) = self.walk(now_ms, &mut all);
            let company = if may_type { Company::roll(&mut self.dice) } else { Company::Nobody };
            now_ms = there_ms;
            let (strokes, end_ms) = self.round(&text, company, now_ms);
            now_ms = end_ms + PAUSE_MS + self.dice.between(0, 60);
            all.extend(strokes);
            expected.push(text);
        }
        self.keyboard.play(all)?;
        self.compare_handed_over(&expected)?;
        // A receipt's number may stand in the page by right, and its date does.
        let codes = expected.iter().filter(|text| !text.contains('-'));
        let shown = self.stage.page_shows_one_of(codes)?;
        ensure!(shown.is_none(), "{shown:?} left a trace in the page");
        self.tally.scans += expected.len() as u64;
        self.sent.extend(expected);
        self.clear()
    }

    /// Waits until the page has handed over as many scans as were sent, and a moment more.
    fn compare_handed_over(&self, expected: &[String]) -> Result<()> {
        let all =
            |heard: &serde_json::Value| heard.as_u64().is_some_and(|heard| heard >= expected.len() as u64);
        let heard = || Ok(all(&self.stage.eval("return handedOver.filter((text) => text !== '').length")?));
        let waited = self.stage.wait_for(heard, "every scan to be handed over");
        // A page that stalls long enough says that a scan broke off, and takes it after all: an empty text before the scan.
        let handed_over = self.stage.eval("return handedOver.splice(0).filter((text) => text !== '')")?;
        ensure!(handed_over == serde_json::json!(expected), "sent {expected:?}, handed over {handed_over}");
        waited
    }

    /// A number as long as a scan, from a hand; the counter may ask about it, or say that it is too large.
    fn type_number(&mut self) -> Result<()> {
        let count = usize::try_from(self.dice.between(6, 11))?;
        let number = self.dice.digits(count);
        let strokes = self.person_types(&format!("{number}\n"), 0).0;
        self.keyboard.play(strokes)?;
        // A scan would be handed over at once.
        pause(150);
        let handed_over = self.stage.eval("return handedOver.splice(0)")?;
        ensure!(handed_over == serde_json::json!([]), "the typed number {number} became {handed_over}");
        // Back from what was asked, from the amount, from the sale.
        self.keyboard.play(taps(&[place::ESCAPE, place::ESCAPE, place::ESCAPE]))?;
        self.stage.until("idle")
    }

    /// An amount from a hand, at times with a scan of goods in the middle.
    fn type_amount(&mut self) -> Result<i64> {
        let (yuan, fen) = (self.dice.between(1, 999), self.dice.between(0, 99));
        let (mut all, mut end_ms) = self.person_types(&yuan.to_string(), 0);
        let interrupted = self.dice.percent(30);
        let mut expected = Vec::new();
        if interrupted {
            let goods = goods_code(&format!("69{}", self.dice.digits(10)));
            let (strokes, scanned_ms) = self.round(&goods, Company::Nobody, end_ms + 200);
            self.tally.meet("in the middle of an amount");
            all.extend(strokes);
            end_ms = scanned_ms + 200;
            expected.push(goods);
        }
        let (rest, _) = self.person_types(&format!(".{fen:02}\n"), end_ms + 100);
        all.extend(rest);
        self.keyboard.play(all)?;
        self.stage.until("armed").with_context(|| format!("typed {yuan}.{fen:02}"))?;
        self.compare_handed_over(&expected)?;
        self.tally.scans += expected.len() as u64;
        Ok(i64::try_from(yuan * 100 + fen)?)
    }

    /// Strokes at a person's pace, a quick one's at times, and when the last key goes down.
    fn person_types(&mut self, text: &str, from_ms: u64) -> (Vec<Stroke>, u64) {
        let digits = if self.dice.percent(50) { Digits::Row } else { Digits::Pad };
        let pace = self.dice.between(60, 160);
        let (mut gaps, mut holds) = (self.dice.clone(), self.dice.clone());
        let typed = strokes(
            text,
            digits,
            from_ms,
            || gaps.between(pace, pace + 60),
            || holds.between(40, 110).min(pace - 5),
        );
        self.dice = gaps;
        self.tally.typed += 1;
        typed
    }

    fn charge(&mut self, amount_fen: i64) -> Result<()> {
        let code = payment_code(&mut self.dice);
        let mut all = Vec::new();
        let (now_ms, may_type) = self.walk(0, &mut all);
        let company = match may_type {
            true if self.dice.percent(25) => Company::TypesDuring,
            true => Company::roll(&mut self.dice),
            false => Company::Nobody,
        };
        let (strokes, _) = self.round(&code, company, now_ms);
        all.extend(strokes);
        self.keyboard.play(all)?;
        if !self.is_taken(company).with_context(|| format!("sent {code}, {company:?}"))? {
            self.tally.refused += 1;
            let (strokes, _) = self.round(&code, Company::Nobody, 0);
            self.keyboard.play(strokes)?;
            self.is_taken(Company::Nobody).context("a scan that is repeated")?;
        }
        self.stage.eval("handedOver.splice(0)")?;
        ensure!(!self.stage.page_shows(&code)?, "{code} left a trace in the page");
        self.charged.push(Recorded { amount_fen, last_digits: code[code.len() - 4..].to_owned() });
        self.tally.scans += 1;
        self.tally.charged += 1;
        self.sent.push(code);
        self.compare_records()
    }

    /// Waits for the answer. Only a scan with a foreign key in it may be refused, and then with words.
    fn is_taken(&self, company: Company) -> Result<bool> {
        let wanted = i64::try_from(self.charged.len() + 1)?;
        for tick in 0..1_000 {
            // Recorded first, then on the screen: only both together mean that the till takes the next scan.
            if self.stage.counter() == "declined" && self.stage.count(ANSWERED)? >= wanted {
                return Ok(true);
            }
            if company == Company::TypesDuring && tick % 20 == 19 && self.stage.text()?.contains("S-0") {
                return Ok(false);
            }
            pause(20);
        }
        anyhow::bail!("waited 20 s for the scan to be answered; the counter is {:?}", self.stage.counter())
    }
}
