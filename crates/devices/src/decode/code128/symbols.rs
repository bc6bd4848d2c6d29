//! The symbols of Code 128: their widths, and what a row of them says.

/// Widths of bars and spaces in turn, in modules; the last is the stop, one bar longer than the others.
pub const WIDTHS: [[u8; 6]; 106] = widths();
/// The stop: bars and spaces in turn.
pub const STOP: [u8; 7] = [2, 3, 3, 1, 1, 1, 2];
/// The start of each code set: A, B and C.
pub const STARTS: [usize; 3] = [103, 104, 105];

const fn widths() -> [[u8; 6]; 106] {
    let written = b"212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222\
123122123221223211221132221231213212223112312131311222321122321221312212322112322211212123212321232121111323131123131321\
112313132113132311211313231113231311112133112331132131113123113321133121313121211331231131213113213311213131311123311321\
331121312113312311332111314111221411431111111224111422121124121421141122141221112214112412122114122411142112142211241211\
221114413111241112134111111242121142121241114212124112124211411212421112421211212141214121412121111143111341131141114113\
114311411113411311113141114131311141411131211412211214211232";
    let mut table = [[0; 6]; 106];
    let mut at = 0;
    while at < 106 * 6 {
        table[at / 6][at % 6] = written[at] - b'0';
        at += 1;
    }
    table
}

/// Which characters a symbol stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    A,
    B,
    C,
}

/// The upper half of Latin-1, where the fourth function symbol leads: once for one letter, twice for good.
#[derive(Debug, Default)]
struct High {
    once: bool,
    always: bool,
}

impl High {
    fn turn(&mut self) {
        if self.once {
            self.always = !self.always;
        }
        self.once = !self.once;
    }

    fn raised(&mut self, letter: u8) -> u8 {
        let raised = self.once != self.always;
        self.once = false;
        if raised { letter | 0x80 } else { letter }
    }
}

/// The text of `symbols`, from the start to the check symbol; nothing when the check does not agree or a symbol means nothing.
pub fn text(symbols: &[usize]) -> Option<String> {
    let (&check, body) = symbols.split_last()?;
    let (&start, data) = body.split_first()?;
    let sum = data.iter().enumerate().fold(start, |sum, (index, &symbol)| sum + (index + 1) * symbol);
    if sum % 103 != check || data.is_empty() {
        return None;
    }
    let mut set = match start {
        103 => Set::A,
        104 => Set::B,
        105 => Set::C,
        _ => return None,
    };
    let mut text = String::new();
    let mut shifted = None;
    let mut high = High::default();
    for (index, &symbol) in data.iter().enumerate() {
        let current = shifted.take().unwrap_or(set);
        match (current, symbol) {
            (_, 102) => {
                // The first function symbol says that separators follow; later ones are the separators.
                if index > 0 {
                    text.push('\u{1d}');
                }
            }
            (Set::C, 0..=99) => text.push_str(&format!("{symbol:02}")),
            (Set::A | Set::B, 0..=63) | (Set::B, 64..=95) => {
                text.push(char::from(high.raised(symbol as u8 + 32)))
            }
            (Set::A, 64..=95) => text.push(char::from(high.raised(symbol as u8 - 64))),
            (Set::A | Set::B, 96 | 97) => {}
            (Set::A, 98) => shifted = Some(Set::B),
            (Set::B, 98) => shifted = Some(Set::A),
            (Set::A | Set::B, 99) => set = Set::C,
            (Set::A | Set::C, 100) => set = Set::B,
            (Set::B | Set::C, 101) => set = Set::A,
            (Set::A, 101) | (Set::B, 100) => high.turn(),
            _ => return None,
        }
    }
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_symbol_is_eleven_modules_and_its_own() {
        for (index, widths) in WIDTHS.iter().enumerate() {
            assert_eq!(widths.iter().sum::<u8>(), 11, "symbol {index}");
            let bars = widths[0] + widths[2] + widths[4];
            assert_eq!(bars % 2, 0, "the bars of symbol {index} are an even number of modules");
            assert!(!WIDTHS[..index].contains(widths), "symbol {index} is there once");
        }
    }

    #[test]
    fn the_check_symbol_is_checked() {
        assert_eq!(text(&[105, 12, 34, (105 + 12 + 2 * 34) % 103]).as_deref(), Some("1234"));
        assert_eq!(text(&[105, 12, 34, 9]), None);
    }

    #[test]
    fn sets_change_within_a_code() {
        let symbols = [104, 33, 98, 1, 99, 56, 101, 65];
        let check = symbols[1..]
            .iter()
            .enumerate()
            .fold(symbols[0], |sum, (index, symbol)| sum + (index + 1) * symbol)
            % 103;

        assert_eq!(text(&[&symbols[..], &[check]].concat()).as_deref(), Some("A!56\u{1}"));
    }
}
