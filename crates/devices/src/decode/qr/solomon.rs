//! Reed-Solomon over GF(256) as QR codes use it: errors and erasures put right, and how sure one may be of it.

/// Powers of the generator 2 modulo x^8 + x^4 + x^3 + x^2 + 1, twice over so that two logarithms add without a modulo.
const POWERS: [u8; 512] = powers();
const LOGARITHMS: [u8; 256] = logarithms();

const fn powers() -> [u8; 512] {
    let mut table = [0; 512];
    let mut value: u16 = 1;
    let mut index = 0;
    while index < 255 {
        table[index] = value as u8;
        table[index + 255] = value as u8;
        value <<= 1;
        if value > 255 {
            value ^= 0x11D;
        }
        index += 1;
    }
    table
}

const fn logarithms() -> [u8; 256] {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 255 {
        table[POWERS[index] as usize] = index as u8;
        index += 1;
    }
    table
}

fn times(a: u8, b: u8) -> u8 {
    if a == 0 || b == 0 {
        return 0;
    }
    POWERS[usize::from(LOGARITHMS[usize::from(a)]) + usize::from(LOGARITHMS[usize::from(b)])]
}

/// `a / b`; `b` is not zero.
fn over(a: u8, b: u8) -> u8 {
    if a == 0 {
        return 0;
    }
    POWERS[usize::from(LOGARITHMS[usize::from(a)]) + 255 - usize::from(LOGARITHMS[usize::from(b)])]
}

fn power(exponent: usize) -> u8 {
    POWERS[exponent % 255]
}

/// The value of a polynomial (lowest coefficient first) at `x`.
fn value_at(polynomial: &[u8], x: u8) -> u8 {
    polynomial.iter().rev().fold(0, |sum, &coefficient| times(sum, x) ^ coefficient)
}

fn syndromes(block: &[u8], checks: usize) -> Vec<u8> {
    (0..checks).map(|index| block.iter().fold(0, |sum, &byte| times(sum, power(index)) ^ byte)).collect()
}

/// Puts `block` right in place, `checks` of whose last bytes are check bytes and whose bytes at `erased` are not to be believed.
///
/// Answers how many bytes besides the erased ones were wrong, or nothing when the block cannot be put right.
pub fn correct(block: &mut [u8], checks: usize, erased: &[usize]) -> Option<usize> {
    if erased.len() > checks || block.len() > 255 {
        return None;
    }
    let syndromes_found = syndromes(block, checks);
    if syndromes_found.iter().all(|&syndrome| syndrome == 0) {
        return Some(0);
    }
    let locator = locate(&syndromes_found, erased, block.len())?;
    let wrong = locator.len() - 1;
    let places: Vec<usize> =
        (0..block.len()).filter(|&degree| value_at(&locator, power(255 - degree % 255)) == 0).collect();
    if places.len() != wrong {
        return None;
    }
    let evaluator = multiply_to(&syndromes_found, &locator, checks);
    for &degree in &places {
        let root = power(255 - degree % 255);
        // The derivative in characteristic two keeps the odd powers only.
        let derivative = (1..locator.len()).step_by(2).fold(0, |sum, index| {
            sum ^ times(locator[index], power(usize::from(LOGARITHMS[usize::from(root)]) * (index - 1)))
        });
        if derivative == 0 {
            return None;
        }
        let at = block.len() - 1 - degree;
        block[at] ^= times(power(degree), over(value_at(&evaluator, root), derivative));
    }
    let whole = syndromes(block, checks).iter().all(|&syndrome| syndrome == 0);
    whole.then(|| wrong.saturating_sub(erased.len()))
}

/// Berlekamp and Massey's way to the polynomial whose roots name the wrong bytes, beginning with the erased ones.
fn locate(syndromes: &[u8], erased: &[usize], length: usize) -> Option<Vec<u8>> {
    let mut locator = vec![1u8];
    for &index in erased {
        let root = power(length - 1 - index);
        locator.push(0);
        for at in (1..locator.len()).rev() {
            locator[at] ^= times(locator[at - 1], root);
        }
    }
    let mut size = erased.len();
    let mut before = locator.clone();
    for step in erased.len()..syndromes.len() {
        let gap = (0..locator.len().min(step + 1))
            .fold(0, |sum, at| sum ^ times(locator[at], syndromes[step - at]));
        before.insert(0, 0);
        if gap == 0 {
            continue;
        }
        let mut next = locator.clone();
        next.resize(next.len().max(before.len()), 0);
        for (at, &coefficient) in before.iter().enumerate() {
            next[at] ^= times(gap, coefficient);
        }
        if 2 * size <= step + erased.len() {
            size = step + 1 + erased.len() - size;
            before = locator.iter().map(|&coefficient| over(coefficient, gap)).collect();
        }
        locator = next;
    }
    while locator.len() > 1 && locator.last() == Some(&0) {
        locator.pop();
    }
    let errors = (locator.len() - 1).checked_sub(erased.len())?;
    (locator.len() - 1 == size && 2 * errors + erased.len() <= syndromes.len()).then_some(locator)
}

fn multiply_to(a: &[u8], b: &[u8], terms: usize) -> Vec<u8> {
    let mut product = vec![0; terms];
    for (at, &x) in a.iter().enumerate() {
        for (by, &y) in b.iter().enumerate() {
            if at + by < terms {
                product[at + by] ^= times(x, y);
            }
        }
    }
    product
}

/// How many bits speak against a block of `length` bytes having come out whole by chance, when `erased` of its bytes were
/// given up and `errors` more were wrong.
pub fn evidence_bits(length: usize, checks: usize, erased: usize, errors: usize) -> i32 {
    let spare = i32::try_from(checks).unwrap_or(0) - i32::try_from(erased + errors).unwrap_or(i32::MAX / 16);
    8 * spare - choices_bits(length - erased.min(length), errors)
}

/// The logarithm to base two, rounded up, of in how many ways `chosen` can be picked of `from`.
fn choices_bits(from: usize, chosen: usize) -> i32 {
    let mut ways: u128 = 1;
    let mut bits = 0;
    for step in 0..chosen.min(from) {
        ways = ways * (from - step) as u128 / (step as u128 + 1);
        while ways > 1 << 80 {
            ways >>= 8;
            bits += 8;
        }
    }
    bits + (128 - ways.leading_zeros()).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A whole block: `data` and its check bytes, by plain polynomial division.
    fn whole(data: &[u8], checks: usize) -> Vec<u8> {
        let mut generator = vec![1u8];
        for degree in 0..checks {
            let mut next = vec![0; generator.len() + 1];
            for (at, &coefficient) in generator.iter().enumerate() {
                next[at] ^= coefficient;
                next[at + 1] ^= times(coefficient, power(degree));
            }
            generator = next;
        }
        let mut rest: Vec<u8> = data.iter().copied().chain(std::iter::repeat_n(0, checks)).collect();
        for at in 0..data.len() {
            let factor = rest[at];
            for (by, &coefficient) in generator.iter().enumerate() {
                rest[at + by] ^= times(coefficient, factor);
            }
        }
        data.iter().copied().chain(rest[data.len()..].iter().copied()).collect()
    }

    #[test]
    fn every_mix_of_errors_and_erasures_within_the_checks_is_put_right() {
        let data: Vec<u8> = (0..16).map(|byte| byte * 7 + 3).collect();
        let sound = whole(&data, 10);
        for erased in 0..=10 {
            for errors in 0..=(10 - erased) / 2 {
                let mut block = sound.clone();
                let given_up: Vec<usize> = (0..erased).map(|index| (index * 5 + 1) % 26).collect();
                for &at in &given_up {
                    block[at] ^= 0x5A;
                }
                let free = (0..26).filter(|at| !given_up.contains(at)).take(errors);
                for at in free {
                    block[at] ^= 0xC3;
                }

                let wrong = correct(&mut block, 10, &given_up);

                assert_eq!(
                    wrong,
                    Some(errors),
                    "{erased} erased and {errors} wrong are within ten check bytes"
                );
                assert_eq!(block, sound);
            }
        }
    }

    #[test]
    fn one_error_too_many_is_refused_or_shows_little_evidence() {
        let sound = whole(&[9; 16], 10);
        let mut block = sound.clone();
        for at in 0..6 {
            block[at * 4] ^= 0x11 + at as u8;
        }

        if let Some(errors) = correct(&mut block, 10, &[]) {
            assert!(
                evidence_bits(26, 10, 0, errors) < 40,
                "five errors of ten check bytes leave little proof"
            );
        }
    }

    #[test]
    fn evidence_falls_with_what_was_given_up() {
        assert!(
            evidence_bits(26, 10, 0, 0) == 79,
            "eighty bits of checks, less the one way to have no error"
        );
        assert!(evidence_bits(26, 10, 4, 1) < evidence_bits(26, 10, 0, 1));
        assert!(evidence_bits(26, 10, 10, 0) < 1, "nothing is left to prove it");
    }
}
