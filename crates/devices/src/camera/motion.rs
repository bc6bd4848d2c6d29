//! Whether anything moves before the camera: while nothing does, there is little to look for.

use std::time::Duration;

/// The picture is judged by so many fields across and down.
const ACROSS: usize = 32;
const DOWN: usize = 18;
/// The pixels a field is judged by, across and down: their mean is steadier than a sensor's noise.
const SAMPLES: usize = 6;
/// A field has changed when its mean has, by more than a sensor's noise makes it.
const CHANGE: u32 = 7 * (SAMPLES * SAMPLES) as u32;
/// The scene rests when nothing has changed for so long.
const REST: Duration = Duration::from_secs(1);

/// Compares each frame with the scene as it was when something last moved.
#[derive(Debug, Default)]
pub struct Motion {
    scene: Vec<u32>,
    fields: Vec<u32>,
    moved_at: Option<Duration>,
    still: bool,
}

impl Motion {
    /// Takes a frame in, at the time `now`; answers whether something has moved.
    ///
    /// A slow change counts as soon as it has become a large one: the comparison is with the last scene, not the last frame.
    pub fn note(&mut self, grey: &[u8], size: (usize, usize), now: Duration) -> bool {
        measure(grey, size, &mut self.fields);
        let pairs = self.fields.iter().zip(&self.scene);
        let moved = self.scene.is_empty() || pairs.into_iter().any(|(new, old)| new.abs_diff(*old) > CHANGE);
        if moved {
            std::mem::swap(&mut self.scene, &mut self.fields);
            self.moved_at = Some(now);
        }
        self.still = self.moved_at.is_some_and(|moved| now.saturating_sub(moved) >= REST);
        moved
    }

    /// Whether nothing has moved for a while.
    #[must_use]
    pub fn is_still(&self) -> bool {
        self.still
    }
}

fn measure(grey: &[u8], (width, height): (usize, usize), fields: &mut Vec<u32>) {
    fields.clear();
    for down in 0..DOWN {
        for across in 0..ACROSS {
            let mut sum = 0;
            for sample in 0..SAMPLES * SAMPLES {
                let x = (across * SAMPLES + sample % SAMPLES) * width / (ACROSS * SAMPLES);
                let y = (down * SAMPLES + sample / SAMPLES) * height / (DOWN * SAMPLES);
                sum += u32::from(grey.get(y * width + x).copied().unwrap_or(0));
            }
            fields.push(sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: (usize, usize) = (320, 180);

    fn scene(mut change: impl FnMut(usize, usize) -> u8) -> Vec<u8> {
        (0..SIZE.0 * SIZE.1).map(|at| change(at % SIZE.0, at / SIZE.0)).collect()
    }

    fn at(frame: u64) -> Duration {
        Duration::from_millis(frame * 33)
    }

    #[test]
    fn noise_alone_comes_to_rest() {
        let mut motion = Motion::default();
        let mut seed = 1_u32;

        for frame in 0..90 {
            let grey = scene(|x, y| {
                seed = (seed ^ (x * 31 + y) as u32).wrapping_mul(0x9E37_79B1).rotate_left(7);
                100 + (seed % 17) as u8
            });
            let moved = motion.note(&grey, SIZE, at(frame));
            assert_eq!(moved, frame == 0, "frame {frame}");
        }

        assert!(motion.is_still());
    }

    #[test]
    fn a_phone_that_comes_into_the_picture_is_noticed_on_its_first_frame() {
        let mut motion = Motion::default();
        for frame in 0..60 {
            motion.note(&scene(|_, _| 90), SIZE, at(frame));
        }
        assert!(motion.is_still());

        let phone = scene(|x, y| if x > 280 && y > 150 { 160 } else { 90 });

        assert!(motion.note(&phone, SIZE, at(60)));
        assert!(!motion.is_still());
    }

    #[test]
    fn a_change_too_slow_for_two_frames_is_noticed_in_time() {
        let mut motion = Motion::default();
        let mut moved = 0;

        for frame in 0..100 {
            let grey = scene(|_, _| 90 + (frame / 2) as u8);
            moved += u32::from(motion.note(&grey, SIZE, at(frame)));
        }

        assert!(moved > 5, "dusk is not a frozen picture");
    }
}
