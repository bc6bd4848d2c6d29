//! Code 128, set C: two digits to a sign, as the wallets draw it.

/// Widths of bar, space, bar, space, bar, space for each value (ISO/IEC 15417, table 1); 105 starts set C, 106 stops.
const WIDTHS: [&str; 107] = [
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213",
    "221312", "231212", "112232", "122132", "122231", "113222", "123122", "123221", "223211", "221132",
    "221231", "213212", "223112", "312131", "311222", "321122", "321221", "312212", "322112", "322211",
    "212123", "212321", "232121", "111323", "131123", "131321", "112313", "132113", "132311", "211313",
    "231113", "231311", "112133", "112331", "132131", "113123", "113321", "133121", "313121", "211331",
    "231131", "213113", "213311", "213131", "311123", "311321", "331121", "312113", "312311", "332111",
    "314111", "221411", "431111", "111224", "111422", "121124", "121421", "141122", "141221", "112214",
    "112412", "122114", "122411", "142112", "142211", "241211", "221114", "413111", "241112", "134111",
    "111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112", "421211", "212141",
    "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311", "113141",
    "114131", "311141", "411131", "211412", "211214", "211232", "2331112",
];

/// The modules of `digits` from the first bar to the last, `true` for a bar, without quiet zones.
///
/// An odd last digit is left out: a payment code has an even number of them.
#[must_use]
pub fn bars(digits: &str) -> Vec<bool> {
    let values: Vec<usize> = digits
        .as_bytes()
        .chunks_exact(2)
        .map(|pair| usize::from(pair[0] - b'0') * 10 + usize::from(pair[1] - b'0'))
        .collect();
    let sum: usize = values.iter().enumerate().map(|(place, value)| (place + 1) * value).sum();
    let check = (105 + sum) % 103;
    let mut modules = Vec::new();
    for value in [105].into_iter().chain(values).chain([check, 106]) {
        for (place, width) in WIDTHS[value].bytes().enumerate() {
            modules.extend(std::iter::repeat_n(place % 2 == 0, usize::from(width - b'0')));
        }
    }
    modules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eighteen_digits_are_134_modules() {
        let drawn = bars("134567890123456789");

        assert_eq!(drawn.len(), 11 * 11 + 13, "start, nine pairs, check, stop");
        assert!(drawn[0] && drawn[133], "it begins and ends with a bar");
    }

    #[test]
    fn every_sign_is_eleven_modules_with_an_even_number_of_dark_ones() {
        for (value, widths) in WIDTHS[..106].iter().enumerate() {
            let widths: Vec<u8> = widths.bytes().map(|width| width - b'0').collect();
            assert_eq!(widths.iter().sum::<u8>(), 11, "value {value}");
            assert_eq!(
                (widths[0] + widths[2] + widths[4]) % 2,
                0,
                "value {value}: the standard's own parity"
            );
        }
    }
}
