//! Just enough of ZBar, the C library, to measure it: QR codes and Code 128 in a grey picture. On Debian: `libzbar-dev`.

use std::ffi::{c_char, c_int, c_uint, c_ulong, c_void};
use std::ptr;

/// Which kind of code was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbol {
    /// A QR code.
    Qr,
    /// Code 128.
    Code128,
}

// From zbar.h, version 0.23.
const ALL: c_int = 0;
const QRCODE: c_int = 64;
const CODE128: c_int = 128;
const ENABLE: c_int = 0;
/// "Y800": eight bits of grey a pixel.
const GREY: c_ulong = 0x3030_3859;

#[link(name = "zbar")]
unsafe extern "C" {
    fn zbar_image_scanner_create() -> *mut c_void;
    fn zbar_image_scanner_destroy(scanner: *mut c_void);
    fn zbar_image_scanner_set_config(
        scanner: *mut c_void,
        symbol: c_int,
        setting: c_int,
        value: c_int,
    ) -> c_int;
    fn zbar_scan_image(scanner: *mut c_void, image: *mut c_void) -> c_int;
    fn zbar_image_create() -> *mut c_void;
    fn zbar_image_destroy(image: *mut c_void);
    fn zbar_image_set_format(image: *mut c_void, format: c_ulong);
    fn zbar_image_set_size(image: *mut c_void, width: c_uint, height: c_uint);
    fn zbar_image_set_data(image: *mut c_void, data: *const c_void, length: c_ulong, cleanup: *const c_void);
    fn zbar_image_first_symbol(image: *const c_void) -> *const c_void;
    fn zbar_symbol_next(symbol: *const c_void) -> *const c_void;
    fn zbar_symbol_get_type(symbol: *const c_void) -> c_int;
    fn zbar_symbol_get_data(symbol: *const c_void) -> *const c_char;
    fn zbar_symbol_get_data_length(symbol: *const c_void) -> c_uint;
}

/// ZBar, set to QR codes and Code 128 and nothing else.
pub struct Scanner(*mut c_void);

impl Default for Scanner {
    fn default() -> Scanner {
        // SAFETY: the calls of zbar.h with a scanner that was just made.
        unsafe {
            let scanner = zbar_image_scanner_create();
            zbar_image_scanner_set_config(scanner, ALL, ENABLE, 0);
            zbar_image_scanner_set_config(scanner, QRCODE, ENABLE, 1);
            zbar_image_scanner_set_config(scanner, CODE128, ENABLE, 1);
            Scanner(scanner)
        }
    }
}

impl Drop for Scanner {
    fn drop(&mut self) {
        // SAFETY: made by `zbar_image_scanner_create`, destroyed once.
        unsafe { zbar_image_scanner_destroy(self.0) }
    }
}

impl Scanner {
    /// Reads what it can of a grey picture without gaps between rows.
    ///
    /// # Panics
    ///
    /// When there are fewer pixels than the size says.
    pub fn scan(&mut self, width: usize, height: usize, pixels: &[u8]) -> Vec<(Symbol, Vec<u8>)> {
        assert!(pixels.len() >= width * height, "too few pixels");
        let mut found = Vec::new();
        // SAFETY: the picture outlives the image, which is destroyed before this returns and frees nothing of ours (no cleanup
        // function); symbols are read while the image lives; their data is as long as ZBar says.
        unsafe {
            let image = zbar_image_create();
            zbar_image_set_format(image, GREY);
            zbar_image_set_size(image, width as c_uint, height as c_uint);
            zbar_image_set_data(image, pixels.as_ptr().cast(), (width * height) as c_ulong, ptr::null());
            zbar_scan_image(self.0, image);
            let mut symbol = zbar_image_first_symbol(image);
            while !symbol.is_null() {
                let length = zbar_symbol_get_data_length(symbol) as usize;
                let data =
                    std::slice::from_raw_parts(zbar_symbol_get_data(symbol).cast::<u8>(), length).to_vec();
                match zbar_symbol_get_type(symbol) {
                    QRCODE => found.push((Symbol::Qr, data)),
                    CODE128 => found.push((Symbol::Code128, data)),
                    _ => {}
                }
                symbol = zbar_symbol_next(symbol);
            }
            zbar_image_destroy(image);
        }
        found
    }
}
