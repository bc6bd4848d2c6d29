//! What a till knows. Pure: no files, no network, no clock, no randomness; time and new ids are arguments.

pub mod business_day;
pub mod ids;
pub mod method;
pub mod money;
pub mod payment;
pub mod payment_code;
pub mod receipt_no;
pub mod scan;
pub mod time;

pub use business_day::{BusinessDate, Cutoff, ShopClock};
pub use ids::{Epoch, IdError, PaymentId, SaleId, TillId};
pub use method::Method;
pub use money::{AmountError, Fen};
pub use payment_code::PaymentCode;
pub use receipt_no::ReceiptNo;
pub use scan::Scan;
pub use time::Timestamp;
