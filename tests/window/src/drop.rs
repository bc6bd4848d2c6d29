//! A file that is dropped on a window, as a file manager does it: the source's side of XDND, version 5
//! (<https://www.freedesktop.org/wiki/Specifications/XDND/>).

use std::path::Path;

use anyhow::{Context, Result, bail};
use x11rb::atom_manager;
use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt as _, CreateWindowAux, EventMask, PropMode,
    SELECTION_NOTIFY_EVENT, SelectionNotifyEvent, SelectionRequestEvent, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use crate::pause;

atom_manager! {
    Atoms: AtomsCookie {
        XdndAware, XdndSelection, XdndEnter, XdndPosition, XdndStatus, XdndDrop, XdndFinished, XdndActionCopy,
        UriList: b"text/uri-list",
        _NET_WM_NAME,
    }
}

const VERSION: u32 = 5;

/// Drags the file at `path` onto the middle of the window whose title has `name` in it, and lets it go there.
///
/// # Errors
/// When there is no such window, or it does not take the file within twenty seconds.
pub fn drop_file(name: &str, path: &Path) -> Result<()> {
    let (connection, screen) = x11rb::connect(None)?;
    let root = connection.setup().roots[screen].root;
    let atoms = Atoms::new(&connection)?.reply()?;
    let target = window_named(&connection, &atoms, root, name)?.context("no window takes files")?;
    let source = connection.generate_id()?;
    let plain = CreateWindowAux::new();
    connection.create_window(0, source, root, 0, 0, 1, 1, 0, WindowClass::INPUT_OUTPUT, 0, &plain)?;
    connection.set_selection_owner(source, atoms.XdndSelection, x11rb::CURRENT_TIME)?;
    let file = format!("file://{}\r\n", path.display());
    let drag = Drag { connection, atoms, source, target, file };

    let size = drag.connection.get_geometry(target)?.reply()?;
    let (x, y) = (size.width / 2, size.height / 2);
    let middle = drag.connection.translate_coordinates(target, root, x as i16, y as i16)?.reply()?;
    let place = (middle.dst_x as u32) << 16 | middle.dst_y as u32;
    drag.tell(drag.atoms.XdndEnter, [VERSION << 24, drag.atoms.UriList, 0, 0])?;
    // A window may ask for the file's name before it says that it wants it.
    for _ in 0..100 {
        drag.tell(drag.atoms.XdndPosition, [0, place, x11rb::CURRENT_TIME, drag.atoms.XdndActionCopy])?;
        if drag.hears(drag.atoms.XdndStatus, 10)?.is_some_and(|data| data[1] & 1 == 1) {
            drag.tell(drag.atoms.XdndDrop, [0, x11rb::CURRENT_TIME, 0, 0])?;
            drag.hears(drag.atoms.XdndFinished, 1_000)?.context("the window does not take the file")?;
            return Ok(());
        }
    }
    bail!("the window does not want the file")
}

struct Drag {
    connection: RustConnection,
    atoms: Atoms,
    source: Window,
    target: Window,
    /// What is dragged, as a list of addresses.
    file: String,
}

impl Drag {
    fn tell(&self, what: u32, [a, b, c, d]: [u32; 4]) -> Result<()> {
        let message = ClientMessageEvent::new(32, self.target, what, [self.source, a, b, c, d]);
        self.connection.send_event(false, self.target, EventMask::NO_EVENT, message)?;
        Ok(self.connection.flush()?)
    }

    /// Waits for a message, up to so many hundredths of a second, and meanwhile gives the file's name to whoever asks.
    fn hears(&self, what: u32, hundredths: u32) -> Result<Option<[u32; 5]>> {
        for _ in 0..hundredths {
            while let Some(event) = self.connection.poll_for_event()? {
                match event {
                    Event::SelectionRequest(request) => self.give(&request)?,
                    Event::ClientMessage(message) if message.type_ == what => {
                        return Ok(Some(message.data.as_data32()));
                    }
                    _ => {}
                }
            }
            pause(10);
        }
        Ok(None)
    }

    fn give(&self, request: &SelectionRequestEvent) -> Result<()> {
        let known = request.target == self.atoms.UriList;
        if known {
            let (requestor, property) = (request.requestor, request.property);
            let bytes = self.file.as_bytes();
            self.connection.change_property8(
                PropMode::REPLACE,
                requestor,
                property,
                request.target,
                bytes,
            )?;
        }
        let answer = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time: request.time,
            requestor: request.requestor,
            selection: request.selection,
            target: request.target,
            property: if known { request.property } else { x11rb::NONE },
        };
        self.connection.send_event(false, request.requestor, EventMask::NO_EVENT, answer)?;
        Ok(self.connection.flush()?)
    }
}

/// The window on or below `window` that takes what is dragged and has `name` in its title.
fn window_named(
    connection: &RustConnection,
    atoms: &Atoms,
    window: Window,
    name: &str,
) -> Result<Option<Window>> {
    let property =
        |which: u32, long| connection.get_property(false, window, which, AtomEnum::ANY, 0, long)?.reply();
    let title = property(atoms._NET_WM_NAME, 256)?.value;
    if String::from_utf8_lossy(&title).contains(name) && property(atoms.XdndAware, 1)?.value_len > 0 {
        return Ok(Some(window));
    }
    for child in connection.query_tree(window)?.reply()?.children {
        if let Some(found) = window_named(connection, atoms, child, name)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}
