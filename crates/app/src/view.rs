//! What the screens show. Plain data, worked out here so that no screen has to work anything out.
//!
//! Amounts are already written as text (`"128.50"`), times in the shop's zone (`"14:32:05"`). The word *view*
//! marks every type that exists only to be shown. Field names cross to TypeScript in camel case.

mod camera;
mod counter;
mod desk;
mod devices;
mod health;
mod records;
mod settings;
mod wallet;

use serde::{Deserialize, Serialize};
use specta::Type;

pub use camera::CameraUse;
pub use counter::{CounterView, DisplayState, DisplayView, Key, NoticeView, TillView};
pub use desk::{DeskAct, DeskActView, DeskRow, DeskView, Doing};
pub use devices::{DeviceKind, DeviceRow, DevicesView, PortChoice, PortView, ReadView, TestedView};
pub use health::{HealthCheck, HealthLevel, HealthView, OfferView, StartTroubleView};
pub use records::{
    DetailView, HistoryFilter, HistoryView, HourShare, LateView, MethodShare, ReportView, SaleRow,
    SaleStateView, SaleView, TimelineView,
};
pub use settings::{ProviderTestView, ProviderView, SettingChange, SettingsView};
pub use wallet::{
    PasswordAnswer, TrainingTrouble, WalletAsking, WalletBehaviour, WalletChange, WalletPayment, WalletView,
};
/// The languages Guitai speaks. Chinese is the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub enum Language {
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    Chinese,
    /// English.
    #[serde(rename = "en")]
    English,
}

/// Something said to the person who can act: what happened, what it means for the money, what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct MessageView {
    /// The short code a person can read over the phone, such as `W-12`.
    pub code: String,
    /// The Chinese words.
    pub zh: String,
    /// The English words.
    pub en: String,
}

/// How a customer pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum MethodView {
    /// Notes and coins.
    Cash,
    /// WeChat Pay (微信支付).
    WechatPay,
    /// Alipay (支付宝).
    Alipay,
    /// UnionPay (云闪付).
    UnionPay,
}

/// What a command answers when it cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct CommandError {
    /// What happened, what it means for the money, what to do.
    pub message: MessageView,
}
