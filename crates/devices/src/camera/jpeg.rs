//! A JPEG of a camera, grey only.

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// No camera of a till sends more, and a broken header must not ask for gigabytes.
const SIDE_MAX: usize = 4096;

/// Decodes `bytes` into `grey` and answers width and height; none for what is no whole JPEG.
pub fn to_grey(bytes: &[u8], grey: &mut Vec<u8>, spare: &mut Vec<u8>) -> Option<(usize, usize)> {
    let bytes = with_tables(bytes, spare)?;
    // Lenient: cameras pad and cut their frames in many ways, and a code proves itself.
    let options = DecoderOptions::new_fast()
        .set_strict_mode(false)
        .set_max_width(SIDE_MAX)
        .set_max_height(SIDE_MAX)
        .jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().ok()?;
    let info = decoder.info()?;
    let (width, height) = (usize::from(info.width), usize::from(info.height));
    if width == 0 || height == 0 || decoder.output_buffer_size()? != width * height {
        return None;
    }
    // Emptied first: where a frame breaks off there must be black, not the code of the frame before.
    grey.clear();
    grey.resize(width * height, 0);
    decoder.decode_into(grey).ok()?;
    Some((width, height))
}

/// Many cameras leave out the Huffman tables that every one of them uses: they are put in here.
fn with_tables<'a>(bytes: &'a [u8], spare: &'a mut Vec<u8>) -> Option<&'a [u8]> {
    let mut at = 2;
    loop {
        let header = bytes.get(at..at + 4)?;
        match (header[0], header[1]) {
            (0xFF, 0xC4) => return Some(bytes),
            (0xFF, 0xDA) => break,
            (0xFF, 0xD8 | 0x01 | 0xD0..=0xD7) => at += 2,
            (0xFF, _) => at += 2 + usize::from(u16::from_be_bytes([header[2], header[3]])),
            _ => return None,
        }
    }
    spare.clear();
    spare.extend_from_slice(&bytes[..at]);
    for (class, lengths, values) in TABLES {
        let size = u16::try_from(2 + 1 + lengths.len() + values.len()).ok()?;
        spare.extend_from_slice(&[0xFF, 0xC4]);
        spare.extend_from_slice(&size.to_be_bytes());
        spare.push(*class);
        spare.extend_from_slice(lengths);
        spare.extend_from_slice(values);
    }
    spare.extend_from_slice(&bytes[at..]);
    Some(spare)
}

type Table = (u8, [u8; 16], &'static [u8]);

/// The tables of ITU-T T.81, annex K.3: class and number, codes of each length, values.
const TABLES: &[Table] = &[
    (0x00, [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
    (0x01, [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
    (
        0x10,
        [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7d],
        &[
            0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07,
            0x22, 0x71, 0x14, 0x32, 0x81, 0x91, 0xa1, 0x08, 0x23, 0x42, 0xb1, 0xc1, 0x15, 0x52, 0xd1, 0xf0,
            0x24, 0x33, 0x62, 0x72, 0x82, 0x09, 0x0a, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x25, 0x26, 0x27, 0x28,
            0x29, 0x2a, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49,
            0x4a, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69,
            0x6a, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7a, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89,
            0x8a, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7,
            0xa8, 0xa9, 0xaa, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba, 0xc2, 0xc3, 0xc4, 0xc5,
            0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda, 0xe1, 0xe2,
            0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8,
            0xf9, 0xfa,
        ],
    ),
    (
        0x11,
        [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 0x77],
        &[
            0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61, 0x71,
            0x13, 0x22, 0x32, 0x81, 0x08, 0x14, 0x42, 0x91, 0xa1, 0xb1, 0xc1, 0x09, 0x23, 0x33, 0x52, 0xf0,
            0x15, 0x62, 0x72, 0xd1, 0x0a, 0x16, 0x24, 0x34, 0xe1, 0x25, 0xf1, 0x17, 0x18, 0x19, 0x1a, 0x26,
            0x27, 0x28, 0x29, 0x2a, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48,
            0x49, 0x4a, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68,
            0x69, 0x6a, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7a, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87,
            0x88, 0x89, 0x8a, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0xa2, 0xa3, 0xa4, 0xa5,
            0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba, 0xc2, 0xc3,
            0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda,
            0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8,
            0xf9, 0xfa,
        ],
    ),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Sixteen by sixteen, left half dark and right half bright, in colour; made by ImageMagick.
    const HALVES: &[u8] = include_bytes!("halves.jpg");

    fn grey_of(bytes: &[u8]) -> Option<(Vec<u8>, (usize, usize))> {
        let (mut grey, mut spare) = (vec![77; 9999], Vec::new());
        let size = to_grey(bytes, &mut grey, &mut spare)?;
        Some((grey, size))
    }

    /// As many cameras send it.
    fn without_tables(bytes: &[u8]) -> Vec<u8> {
        let mut left = bytes[..2].to_vec();
        let mut at = 2;
        while bytes[at + 1] != 0xDA {
            let end = at + 2 + usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]));
            if bytes[at + 1] != 0xC4 {
                left.extend_from_slice(&bytes[at..end]);
            }
            at = end;
        }
        left.extend_from_slice(&bytes[at..]);
        left
    }

    fn is_halves((grey, size): (Vec<u8>, (usize, usize))) -> bool {
        let near = |pixel: u8, wanted: u8| pixel.abs_diff(wanted) < 12;
        size == (16, 16)
            && grey.len() == 256
            && grey.chunks_exact(16).all(|row| near(row[2], 30) && near(row[13], 220))
    }

    #[test]
    fn a_colour_jpeg_becomes_grey() {
        assert!(is_halves(grey_of(HALVES).expect("a whole JPEG")));
    }

    #[test]
    fn tables_a_camera_leaves_out_are_put_in() {
        let bare = without_tables(HALVES);
        assert!(bare.len() < HALVES.len());

        assert!(is_halves(grey_of(&bare).expect("a whole JPEG")));
    }

    #[test]
    fn a_header_that_asks_for_gigabytes_is_refused() {
        let mut huge = HALVES.to_vec();
        let frame = huge.windows(2).position(|pair| pair == [0xFF, 0xC0]).expect("a frame header");
        huge[frame + 5..frame + 9].copy_from_slice(&[0xFF; 4]);

        assert_eq!(grey_of(&huge), None);
    }

    proptest! {
        #[test]
        fn a_damaged_jpeg_gives_a_whole_picture_or_none(
            cut in 0..HALVES.len(),
            hits in prop::collection::vec((0..HALVES.len(), any::<u8>()), 0..8),
        ) {
            let mut bytes = HALVES.to_vec();
            for (at, byte) in hits {
                bytes[at] = byte;
            }
            for bytes in [&bytes[..], &bytes[..cut], &bytes[cut..]] {
                if let Some((grey, (width, height))) = grey_of(bytes) {
                    prop_assert_eq!(grey.len(), width * height);
                }
            }
        }
    }
}
