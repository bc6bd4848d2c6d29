//! What a camera on Linux is called, so that it is the same one after it was pulled out and plugged in.

use std::fs;
use std::path::Path;

use crate::{Device, DeviceId, Kind};

/// Where the kernel tells about cameras.
pub const SYSTEM: &str = "/sys/class/video4linux";
/// Where they are opened.
pub const DEVICES: &str = "/dev";

/// The devices behind `nodes` (`video0`, …), in the order of their numbers.
pub fn named(system: &Path, mut nodes: Vec<String>) -> Vec<(Device, String)> {
    nodes.sort_by_key(|node| (node.len(), node.clone()));
    let mut found: Vec<(Device, String)> = Vec::new();
    for node in nodes {
        let mut id = id_of(system, &node);
        // Two of a kind that say the same of themselves, or two lenses in one: told apart by their order.
        let alike = found.iter().filter(|(device, _)| device.id.0.split('#').next() == Some(&id)).count();
        if alike > 0 {
            id = format!("{id}#{}", alike + 1);
        }
        let name = text(&system.join(&node).join("name")).unwrap_or_else(|| node.clone());
        found.push((Device { id: DeviceId(id), kind: Kind::Camera, name }, node));
    }
    found
}

fn id_of(system: &Path, node: &str) -> String {
    let device = fs::canonicalize(system.join(node).join("device")).unwrap_or_default();
    let Some((usb, vendor)) = device.parent().and_then(|usb| Some((usb, text(&usb.join("idVendor"))?)))
    else {
        let place = device.file_name().and_then(|place| place.to_str()).unwrap_or(node);
        return format!(
            "camera:{place}:{}",
            plain(&text(&system.join(node).join("name")).unwrap_or_default())
        );
    };
    let product = text(&usb.join("idProduct")).unwrap_or_default();
    let port = usb.file_name().and_then(|port| port.to_str()).unwrap_or_default();
    let serial = text(&usb.join("serial")).filter(|serial| serial.len() >= 6);
    format!("camera:{vendor}:{product}:{}", plain(&serial.unwrap_or_else(|| format!("usb-{port}"))))
}

/// An id is written in settings and spoken of in entries: plain characters only.
fn plain(text: &str) -> String {
    text.chars()
        .map(|each| if each.is_ascii_alphanumeric() || "-._".contains(each) { each } else { '-' })
        .collect()
}

fn text(path: &Path) -> Option<String> {
    let bytes = fs::read(path).ok()?;
    let text = String::from_utf8_lossy(&bytes).trim().trim_end_matches('\u{fffd}').to_owned();
    (!text.is_empty()).then_some(text)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    struct Kernel(tempfile::TempDir);

    impl Kernel {
        fn new() -> Kernel {
            Kernel(tempfile::tempdir().expect("a folder"))
        }

        fn usb(&self, node: &str, port: &str, serial: Option<&str>, name: &[u8]) -> &Kernel {
            let usb = self.0.path().join("devices").join(port);
            let interface = usb.join(format!("{port}:1.0"));
            fs::create_dir_all(&interface).expect("a folder");
            fs::write(usb.join("idVendor"), "046d\n").expect("written");
            fs::write(usb.join("idProduct"), "0825\n").expect("written");
            if let Some(serial) = serial {
                fs::write(usb.join("serial"), serial).expect("written");
            }
            let class = self.0.path().join(node);
            fs::create_dir_all(&class).expect("a folder");
            fs::write(class.join("name"), name).expect("written");
            symlink(interface, class.join("device")).expect("a link");
            self
        }

        fn ids(&self, nodes: &[&str]) -> Vec<(String, String)> {
            named(self.0.path(), nodes.iter().map(|node| (*node).to_owned()).collect())
                .into_iter()
                .map(|(device, _)| (device.id.0, device.name))
                .collect()
        }
    }

    #[test]
    fn a_camera_goes_by_its_serial_number_or_by_the_place_it_is_plugged_in() {
        let kernel = Kernel::new();
        kernel.usb("video10", "1-2", None, b"Cheap").usb("video2", "1-3", Some("2C4A81\n"), b"Dear");

        let expected = [("camera:046d:0825:2C4A81", "Dear"), ("camera:046d:0825:usb-1-2", "Cheap")];
        assert_eq!(kernel.ids(&["video10", "video2"]), expected.map(|(id, name)| (id.into(), name.into())));
    }

    #[test]
    fn two_that_say_the_same_of_themselves_are_told_apart() {
        let kernel = Kernel::new();
        kernel.usb("video0", "1-2", Some("SN0001"), b"A").usb("video2", "1-3", Some("SN0001"), b"B");

        let ids: Vec<String> = kernel.ids(&["video0", "video2"]).into_iter().map(|(id, _)| id).collect();

        assert_eq!(ids, ["camera:046d:0825:SN0001", "camera:046d:0825:SN0001#2"]);
    }

    #[test]
    fn a_name_cut_off_in_the_middle_of_a_character_is_shown_without_it() {
        let kernel = Kernel::new();
        kernel.usb("video0", "1-2", None, &"高清摄像头".as_bytes()[..14]);

        assert_eq!(kernel.ids(&["video0"])[0].1, "高清摄像");
    }

    #[test]
    fn a_camera_on_no_bus_goes_by_its_place_and_name() {
        let kernel = Kernel::new();
        fs::create_dir_all(kernel.0.path().join("video7")).expect("a folder");
        fs::write(kernel.0.path().join("video7/name"), "Dummy video device (0x0000)\n").expect("written");

        assert_eq!(kernel.ids(&["video7"])[0].0, "camera:video7:Dummy-video-device--0x0000-");
    }
}
