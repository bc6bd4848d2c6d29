//! Which ways a picture is looked at, in which order.

use super::{Effort, Luma};

/// One way of looking at a picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub scale: Scale,
    pub at: At,
}

impl Look {
    /// What of the work for a picture this look may take.
    pub fn share(self, effort: Effort) -> usize {
        match (effort, self.at) {
            (Effort::Frame, At::Bars) => 130_000,
            (Effort::Frame, At::Qr { .. } | At::Second) => 700_000,
            (Effort::Still, _) => effort.places() / 8,
        }
    }
}

/// What size the picture is made first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// So many pixels become one, each way.
    Less(usize),
    /// One pixel becomes so many, each way.
    More(usize),
}

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum At {
    /// QR codes. The shade is measured in blocks of `block` pixels, of which `reach` to each side count; every `step`th row is
    /// looked through; `light` looks for light codes on dark ground.
    Qr { block: usize, reach: usize, step: usize, light: bool },
    /// Bar codes.
    Bars,
    /// Whatever the second reader finds. In a frame it looks close around what may be finders, and at the picture of this size only
    /// where there is nothing of the kind, or something too large.
    Second,
}

/// Pixels beyond which a picture is large, and huge.
const LARGE: usize = 800_000;
const HUGE: usize = 1_500_000;

const SCALES: [usize; 6] = [8, 6, 4, 3, 2, 1];

/// The ways a picture is looked at, cheap ones and those that find most first.
pub(super) fn looks(picture: &Luma<'_>, effort: Effort) -> Vec<Look> {
    let area = picture.width() * picture.height();
    let smallest = SCALES.into_iter().find(|factor| area / (factor * factor) > 30_000).unwrap_or(1);
    let scales: Vec<Scale> =
        SCALES.into_iter().filter(|&factor| factor <= smallest).map(Scale::Less).collect();
    let each = |at: At| scales.iter().map(move |&scale| Look { scale, at }).collect::<Vec<_>>();
    let mut all = Vec::new();
    match effort {
        Effort::Frame => {
            let mut sizes = scales.clone();
            if area > HUGE {
                // All of a huge picture is dear, and what is in it is there in half of it too.
                sizes.pop();
            }
            let half = if area > LARGE { Scale::Less(2) } else { Scale::Less(1) };
            let last = sizes.last().copied().unwrap_or(half);
            // The smallest is for noise, and comes third.
            if sizes.len() > 2 {
                sizes[..3].rotate_left(1);
            }
            // The largest shows the smallest codes: none of its rows is left out.
            let step = |scale: Scale| if scale == last { 1 } else { 2 };
            let qr = |&scale: &Scale| Look {
                scale,
                at: At::Qr { block: 8, reach: 2, step: step(scale), light: false },
            };
            all.extend(sizes.iter().take(2).map(qr));
            // Wide bars are seen in a small picture, thin ones in a large one.
            all.extend(sizes.first().map(|&scale| Look { scale, at: At::Bars }));
            all.push(Look { scale: half, at: At::Bars });
            all.extend(sizes.iter().skip(2).map(qr));
            // Small modules in weak light: closer around each.
            all.push(Look { scale: last, at: At::Qr { block: 4, reach: 2, step: 1, light: false } });
            all.push(Look { scale: half, at: At::Second });
        }
        Effort::Still => {
            all.extend(each(At::Qr { block: 8, reach: 2, step: 1, light: false }));
            all.extend(each(At::Bars));
            all.extend(each(At::Qr { block: 4, reach: 1, step: 1, light: false }));
            all.extend(each(At::Qr { block: 8, reach: 5, step: 1, light: false }));
            all.extend(each(At::Qr { block: 8, reach: 5, step: 1, light: true }));
            all.push(Look { scale: Scale::Less(1), at: At::Second });
            if area < 200_000 {
                for at in [
                    At::Qr { block: 8, reach: 3, step: 1, light: false },
                    At::Qr { block: 8, reach: 3, step: 1, light: true },
                    At::Bars,
                ] {
                    all.push(Look { scale: Scale::More(3), at });
                }
            }
        }
    }
    all
}
