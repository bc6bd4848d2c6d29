//! The devices that read codes: `devices`. They are only listened to by the window.

use guitai_app::view::{PortChoice, PortView};
use serde::Serialize;

use crate::args::Devices;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::session::Session;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PortsView {
    ports: Vec<PortView>,
}

pub async fn devices(session: &Session, devices: Devices) -> Result<Exit, Failure> {
    let till = session.at_rest()?;
    let ports = match chosen(devices) {
        Some((id, choice)) => till.choose_port(&id, choice).await?,
        None => till.ports().await?,
    };
    let view = PortsView { ports };
    session.out.result(&view, |out| {
        if view.ports.is_empty() {
            return out
                .word("没有找到串口或 HID 扫码枪", "No serial port and no HID scanner was found")
                .to_owned();
        }
        view.ports.iter().map(|port| line(port, out)).collect::<Vec<_>>().join("\n")
    })?;
    Ok(Exit::Done)
}

fn chosen(devices: Devices) -> Option<(String, PortChoice)> {
    let Devices { always, never, by_itself } = devices;
    let always = always.map(|id| (id, PortChoice::Always));
    let never = never.map(|id| (id, PortChoice::Never));
    let by_itself = by_itself.map(|id| (id, PortChoice::ByItself));
    always.or(never).or(by_itself)
}

fn line(port: &PortView, out: &Output) -> String {
    let choice = match (port.choice, port.likely) {
        (PortChoice::Always, _) => out.word("一直用作扫码枪", "always a scanner"),
        (PortChoice::Never, _) => out.word("不使用", "not used"),
        (PortChoice::ByItself, true) => out.word("像扫码枪", "looks like a scanner"),
        (PortChoice::ByItself, false) => out.word("不像扫码枪", "does not look like a scanner"),
    };
    let path = if port.here {
        port.path.as_deref().unwrap_or("")
    } else {
        out.word("没有插上", "not plugged in")
    };
    format!("{}  {}  {path}  {choice}", port.id, port.name)
}
