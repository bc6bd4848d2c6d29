//! What the window library wants to know when it is built.

fn main() {
    tauri_build::build();
}
