//! What a camera sees, in bytes for the page: `ui/src/backend/sight.ts` reads them.
//!
//! Little-endian throughout. 4 bytes number; 1 byte what it is (0 closed, 1 live, 2 no picture); 1 byte hint, or why there is
//! no picture; 1 byte whether a code was found, 1 byte nothing; 2 bytes width, 2 bytes height; four corners, each 2 bytes
//! across and 2 bytes down, signed; then the brightness of each pixel.

use guitai_devices::camera::{Hint, Preview, Sight, Why};

const CLOSED: u8 = 0;
const LIVE: u8 = 1;
const NOTHING: u8 = 2;

/// Packs a sight; none while the camera is closed.
pub(crate) fn packed(serial: u32, sight: Option<&Sight>) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend_from_slice(&serial.to_le_bytes());
    match sight {
        None => bytes.extend_from_slice(&[CLOSED, 0, 0, 0]),
        Some(Sight::Nothing(why)) => bytes.extend_from_slice(&[NOTHING, why_of(*why), 0, 0]),
        Some(Sight::Live(preview)) => live(preview, &mut bytes),
    }
    bytes
}

fn live(preview: &Preview, bytes: &mut Vec<u8>) {
    let found = u8::from(preview.corners.is_some());
    bytes.extend_from_slice(&[LIVE, preview.hint.map_or(0, hint_of), found, 0]);
    bytes.extend_from_slice(&preview.width.to_le_bytes());
    bytes.extend_from_slice(&preview.height.to_le_bytes());
    for (across, down) in preview.corners.unwrap_or_default() {
        bytes.extend_from_slice(&(across.round() as i16).to_le_bytes());
        bytes.extend_from_slice(&(down.round() as i16).to_le_bytes());
    }
    bytes.extend_from_slice(&preview.grey);
}

fn hint_of(hint: Hint) -> u8 {
    match hint {
        Hint::Dark => 1,
        Hint::Glare => 2,
        Hint::Same => 3,
    }
}

fn why_of(why: Why) -> u8 {
    match why {
        Why::NoCamera => 1,
        Why::InUse => 2,
        Why::NotAllowed => 3,
        Why::NoMode => 4,
        Why::Lost => 5,
        Why::Silent => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_packed_as_the_page_reads_it() {
        let corners = Some([(0.4, 1.6), (300.0, 2.0), (3.0, -4.0), (5.0, 6.0)]);
        let preview = Preview { width: 2, height: 1, grey: vec![7, 200], corners, hint: Some(Hint::Glare) };

        let bytes = packed(0x0102_0304, Some(&Sight::Live(preview)));

        // The same bytes stand in sight.test.ts.
        let expected =
            [4, 3, 2, 1, 1, 2, 1, 0, 2, 0, 1, 0, 0, 0, 2, 0, 44, 1, 2, 0, 3, 0, 252, 255, 5, 0, 6, 0, 7, 200];
        assert_eq!(bytes, expected);
    }

    #[test]
    fn a_closed_camera_and_a_missing_picture_are_eight_bytes() {
        assert_eq!(packed(9, None), [9, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(packed(9, Some(&Sight::Nothing(Why::Silent))), [9, 0, 0, 0, 2, 6, 0, 0]);
    }
}
